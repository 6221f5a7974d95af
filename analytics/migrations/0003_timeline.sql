-- receipts: each receipt with the part that it speaks of. One that came before its acknowledgement, or for a part in
-- doubt, names nobody; routing joined it, and said so by the usage that it recorded under the same SMSC id.
-- The few nameless ones are the right side of the join: a question for one message reads the usage of that message.

CREATE OR REPLACE VIEW sluice.receipts AS
SELECT
    t.message_id AS message_id, t.account_id AS account_id, t.recipient_id AS recipient_id, t.carrier AS carrier,
    t.smsc_id AS smsc_id, t.attempt AS attempt, t.part AS part, t.state AS state, t.stat AS stat,
    t.error_code AS error_code, t.occurred_at AS occurred_at, t._timestamp AS at, t._topic AS topic,
    t._partition AS partition, t._offset AS offset, t.caused_by AS caused_by
FROM sluice.receipt_received AS t
WHERE NOT _is_repeat AND NOT _is_foreign AND t.message_id != ''
UNION ALL
SELECT
    u.message_id AS message_id, u.account_id AS account_id, u.recipient_id AS recipient_id, u.carrier AS carrier,
    u.smsc_id AS smsc_id, u.attempt AS attempt, u.part AS part, r.state AS state, r.stat AS stat,
    r.error_code AS error_code, r.occurred_at AS occurred_at, r._timestamp AS at, r._topic AS topic,
    r._partition AS partition, r._offset AS offset, r.caused_by AS caused_by
FROM sluice.usage_recorded AS u
INNER JOIN
(
    SELECT recipient_id, carrier, smsc_id, state, stat, error_code, occurred_at, _timestamp, _topic, _partition, _offset, caused_by
    FROM sluice.receipt_received
    WHERE NOT _is_repeat AND NOT _is_foreign AND message_id = '' AND smsc_id != ''
) AS r ON u.recipient_id = r.recipient_id AND u.carrier = r.carrier AND u.smsc_id = r.smsc_id
WHERE NOT u._is_repeat AND NOT u._is_foreign;

-- timeline: one row an event of a message, from whatever topic; repeats and other epochs are left out.

CREATE OR REPLACE VIEW sluice.timeline AS
SELECT
    t.message_id AS message_id, t.account_id AS account_id, t.recipient_id AS recipient_id, t._timestamp AS at,
    t.occurred_at AS occurred_at, 'MessageAccepted' AS event, '' AS carrier, 0 AS attempt, 0 AS release, 0 AS part,
    'accepted' AS status, '' AS reason,
    concat(message_class, ', ', lane, ', ', country, ', ', encoding, ' x', toString(segment_count)) AS detail,
    t._topic AS topic, t._partition AS partition, t._offset AS offset, t.caused_by AS caused_by
FROM sluice.message_accepted AS t
WHERE NOT _is_repeat AND NOT _is_foreign AND t.message_id != ''
UNION ALL
SELECT
    t.message_id AS message_id, t.account_id AS account_id, t.recipient_id AS recipient_id, t._timestamp AS at,
    t.occurred_at AS occurred_at, 'MessageRejected' AS event, '' AS carrier, 0 AS attempt, 0 AS release, 0 AS part,
    'rejected' AS status, t.reason AS reason, t.detail AS detail, t._topic AS topic, t._partition AS partition,
    t._offset AS offset, t.caused_by AS caused_by
FROM sluice.message_rejected AS t
WHERE NOT _is_repeat AND NOT _is_foreign AND t.message_id != ''
UNION ALL
SELECT
    t.message_id AS message_id, t.account_id AS account_id, t.recipient_id AS recipient_id, t._timestamp AS at,
    t.occurred_at AS occurred_at, 'MessageRouted' AS event, t.carrier AS carrier, t.attempt AS attempt,
    t.release AS release, 0 AS part, '' AS status, t.reason AS reason,
    arrayStringConcat(arrayMap(c -> concat(c.carrier, ': ', c.reason), candidates), ', ') AS detail,
    t._topic AS topic, t._partition AS partition, t._offset AS offset, t.caused_by AS caused_by
FROM sluice.message_routed AS t
WHERE NOT _is_repeat AND NOT _is_foreign AND t.message_id != ''
UNION ALL
SELECT
    t.message_id AS message_id, t.account_id AS account_id, t.recipient_id AS recipient_id, t._timestamp AS at,
    t.occurred_at AS occurred_at, 'MessageDeferred' AS event, '' AS carrier, t.attempt AS attempt,
    t.release AS release, 0 AS part, '' AS status, t.reason AS reason,
    concat(bucket, ' until ', toString(until)) AS detail, t._topic AS topic, t._partition AS partition,
    t._offset AS offset, t.caused_by AS caused_by
FROM sluice.message_deferred AS t
WHERE NOT _is_repeat AND NOT _is_foreign AND t.message_id != ''
UNION ALL
SELECT
    t.message_id AS message_id, t.account_id AS account_id, t.recipient_id AS recipient_id, t._timestamp AS at,
    t.occurred_at AS occurred_at, 'MessageRefused' AS event, '' AS carrier, t.attempt AS attempt,
    t.release AS release, 0 AS part, '' AS status, t.reason AS reason, t.detail AS detail, t._topic AS topic,
    t._partition AS partition, t._offset AS offset, t.caused_by AS caused_by
FROM sluice.message_refused AS t
WHERE NOT _is_repeat AND NOT _is_foreign AND t.message_id != ''
UNION ALL
SELECT
    t.message_id AS message_id, t.account_id AS account_id, t.recipient_id AS recipient_id, t._timestamp AS at,
    t.occurred_at AS occurred_at, 'DispatchMessage' AS event, t.carrier AS carrier, t.attempt AS attempt,
    t.release AS release, 0 AS part, '' AS status, '' AS reason,
    concat(toString(length(parts)), ' parts, send before ', toString(send_before)) AS detail, t._topic AS topic,
    t._partition AS partition, t._offset AS offset, t.caused_by AS caused_by
FROM sluice.dispatch_message AS t
WHERE NOT _is_repeat AND NOT _is_foreign AND t.message_id != ''
UNION ALL
SELECT
    t.message_id AS message_id, t.account_id AS account_id, t.recipient_id AS recipient_id, t._timestamp AS at,
    t.occurred_at AS occurred_at, 'IntentRecorded' AS event, t.carrier AS carrier, t.attempt AS attempt,
    t.release AS release, t.part AS part, '' AS status, '' AS reason,
    concat('wire try ', toString(wire_try)) AS detail, t._topic AS topic, t._partition AS partition,
    t._offset AS offset, t.caused_by AS caused_by
FROM sluice.intent_recorded AS t
WHERE NOT _is_repeat AND NOT _is_foreign AND t.message_id != ''
UNION ALL
SELECT
    t.message_id AS message_id, t.account_id AS account_id, t.recipient_id AS recipient_id, t._timestamp AS at,
    t.occurred_at AS occurred_at, 'SubmitSucceeded' AS event, t.carrier AS carrier, t.attempt AS attempt,
    t.release AS release, t.part AS part, '' AS status, '' AS reason, concat('smsc id ', smsc_id) AS detail,
    t._topic AS topic, t._partition AS partition, t._offset AS offset, t.caused_by AS caused_by
FROM sluice.submit_succeeded AS t
WHERE NOT _is_repeat AND NOT _is_foreign AND t.message_id != ''
UNION ALL
SELECT
    t.message_id AS message_id, t.account_id AS account_id, t.recipient_id AS recipient_id, t._timestamp AS at,
    t.occurred_at AS occurred_at, 'SubmitFailed' AS event, t.carrier AS carrier, t.attempt AS attempt,
    t.release AS release, t.part AS part, '' AS status, t.status_name AS reason,
    concat(failure_class, ' ', scope, if(t.detail = '', '', concat(': ', t.detail))) AS detail, t._topic AS topic,
    t._partition AS partition, t._offset AS offset, t.caused_by AS caused_by
FROM sluice.submit_failed AS t
WHERE NOT _is_repeat AND NOT _is_foreign AND t.message_id != ''
UNION ALL
SELECT
    t.message_id AS message_id, t.account_id AS account_id, t.recipient_id AS recipient_id, t._timestamp AS at,
    t.occurred_at AS occurred_at, 'SubmitOutcomeUnknown' AS event, t.carrier AS carrier, t.attempt AS attempt,
    t.release AS release, t.part AS part, '' AS status, t.reason AS reason, '' AS detail, t._topic AS topic,
    t._partition AS partition, t._offset AS offset, t.caused_by AS caused_by
FROM sluice.submit_outcome_unknown AS t
WHERE NOT _is_repeat AND NOT _is_foreign AND t.message_id != ''
UNION ALL
SELECT
    t.message_id AS message_id, t.account_id AS account_id, t.recipient_id AS recipient_id, t._timestamp AS at,
    t.occurred_at AS occurred_at, 'DispatchRefused' AS event, t.carrier AS carrier, t.attempt AS attempt,
    t.release AS release, 0 AS part, '' AS status, t.reason AS reason, t.detail AS detail, t._topic AS topic,
    t._partition AS partition, t._offset AS offset, t.caused_by AS caused_by
FROM sluice.dispatch_refused AS t
WHERE NOT _is_repeat AND NOT _is_foreign AND t.message_id != ''
UNION ALL
SELECT
    t.message_id AS message_id, t.account_id AS account_id, t.recipient_id AS recipient_id, t.at AS at,
    t.occurred_at AS occurred_at, 'ReceiptReceived' AS event, t.carrier AS carrier, t.attempt AS attempt,
    0 AS release, t.part AS part, t.state AS status, t.stat AS reason,
    if(error_code = '', '', concat('error ', error_code)) AS detail, t.topic AS topic, t.partition AS partition,
    t.offset AS offset, t.caused_by AS caused_by
FROM sluice.receipts AS t
UNION ALL
SELECT
    t.message_id AS message_id, t.account_id AS account_id, t.recipient_id AS recipient_id, t._timestamp AS at,
    t.occurred_at AS occurred_at, 'MessageStatusChanged' AS event, t.carrier AS carrier, t.attempt AS attempt,
    0 AS release, 0 AS part, t.status AS status, t.reason AS reason, t.detail AS detail, t._topic AS topic,
    t._partition AS partition, t._offset AS offset, t.caused_by AS caused_by
FROM sluice.message_status_changed AS t
WHERE NOT _is_repeat AND NOT _is_foreign AND t.message_id != ''
UNION ALL
SELECT
    t.message_id AS message_id, t.account_id AS account_id, t.recipient_id AS recipient_id, t._timestamp AS at,
    t.occurred_at AS occurred_at, 'UsageRecorded' AS event, t.carrier AS carrier, t.attempt AS attempt,
    t.release AS release, t.part AS part, '' AS status, t.event AS reason,
    concat(toString(toDecimal128(charge_micros, 6) / 1000000), ' ', currency) AS detail, t._topic AS topic,
    t._partition AS partition, t._offset AS offset, t.caused_by AS caused_by
FROM sluice.usage_recorded AS t
WHERE NOT _is_repeat AND NOT _is_foreign AND t.message_id != ''
UNION ALL
SELECT
    t.message_id AS message_id, t.account_id AS account_id, t.recipient_id AS recipient_id, t._timestamp AS at,
    t.occurred_at AS occurred_at, 'RecallRequested' AS event, '' AS carrier, t.attempt AS attempt, 0 AS release,
    0 AS part, '' AS status, t.reason AS reason, '' AS detail, t._topic AS topic, t._partition AS partition,
    t._offset AS offset, t.caused_by AS caused_by
FROM sluice.recall_requested AS t
WHERE NOT _is_repeat AND NOT _is_foreign AND t.message_id != ''
UNION ALL
SELECT
    t.message_id AS message_id, t.account_id AS account_id, t.recipient_id AS recipient_id, t._timestamp AS at,
    t.occurred_at AS occurred_at, 'TimerFired' AS event, '' AS carrier, 0 AS attempt, 0 AS release, 0 AS part,
    '' AS status, '' AS reason, concat('timer ', toString(timer_seq), ' due ', toString(due)) AS detail,
    t._topic AS topic, t._partition AS partition, t._offset AS offset, t.caused_by AS caused_by
FROM sluice.timer_fired AS t
WHERE NOT _is_repeat AND NOT _is_foreign AND t.message_id != ''
UNION ALL
SELECT
    t.message_id AS message_id, t.account_id AS account_id, t.recipient_id AS recipient_id, t._timestamp AS at,
    t.occurred_at AS occurred_at, 'ReplyReceived' AS event, t.carrier AS carrier, 0 AS attempt, 0 AS release,
    0 AS part, '' AS status, t.action AS reason, t.keyword AS detail, t._topic AS topic, t._partition AS partition,
    t._offset AS offset, t.caused_by AS caused_by
FROM sluice.reply_received AS t
WHERE NOT _is_repeat AND NOT _is_foreign AND t.message_id != ''
UNION ALL
SELECT
    t.message_id AS message_id, t.account_id AS account_id, t.recipient_id AS recipient_id, t._timestamp AS at,
    t.occurred_at AS occurred_at, 'ReplyForwarded' AS event, t.carrier AS carrier, 0 AS attempt, 0 AS release,
    0 AS part, '' AS status, t.action AS reason, t.keyword AS detail, t._topic AS topic, t._partition AS partition,
    t._offset AS offset, t.caused_by AS caused_by
FROM sluice.reply_forwarded AS t
WHERE NOT _is_repeat AND NOT _is_foreign AND t.message_id != ''
UNION ALL
SELECT
    t.message_id AS message_id, t.account_id AS account_id, t.recipient_id AS recipient_id, t._timestamp AS at,
    t.occurred_at AS occurred_at, 'RecordQuarantined' AS event, '' AS carrier, 0 AS attempt, 0 AS release,
    0 AS part, '' AS status, t.reason AS reason, t.detail AS detail, t._topic AS topic, t._partition AS partition,
    t._offset AS offset, t.caused_by AS caused_by
FROM sluice.record_quarantined AS t
WHERE NOT _is_repeat AND NOT _is_foreign AND t.message_id != '';
