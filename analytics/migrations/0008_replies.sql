ALTER TABLE sluice.reply_received ADD COLUMN IF NOT EXISTS `needs_review` Bool DEFAULT false;

-- replies: one row a message from a phone; whom it was forwarded to, if routing found somebody who had written to it.

CREATE OR REPLACE VIEW sluice.replies AS
SELECT
    t._timestamp AS at, t.occurred_at AS occurred_at, t.recipient_id AS recipient_id, t.country AS country,
    t.carrier AS carrier, t.destination AS destination, t.action AS action, t.keyword AS keyword,
    t.needs_review AS needs_review, t.encoding AS encoding, t.segment_count AS segment_count,
    f.account_id AS account_id, f.message_id AS message_id,
    t._topic AS topic, t._partition AS partition, t._offset AS offset
FROM sluice.reply_received AS t
LEFT ANY JOIN
(
    SELECT account_id, message_id, caused_by FROM sluice.reply_forwarded WHERE NOT _is_repeat AND NOT _is_foreign
) AS f ON f.caused_by = concat(t._topic, '/', toString(t._partition), '/', toString(t._offset))
WHERE NOT t._is_repeat AND NOT t._is_foreign;
