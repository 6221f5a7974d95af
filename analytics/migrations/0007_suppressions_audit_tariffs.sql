-- Suppressions, accounts being served, the audit, and the tariffs behind each charge. Tables, columns and
-- held_offsets are written from schemas/ by analytics.generate.

CREATE TABLE IF NOT EXISTS sluice.account_opened
(
    `_topic` LowCardinality(String),
    `_partition` Int32,
    `_offset` Int64,
    `_timestamp` DateTime64(3, 'UTC'),
    `_source_topic` LowCardinality(String),
    `_source_partition` Int32,
    `_source_offset` Int64,
    `_source_ordinal` Int32,
    `_epoch` LowCardinality(String),
    `_is_foreign` Bool,
    `_is_repeat` Bool,
    `_batch_first` Int64,
    `_batch_last` Int64,
    `message_id` String,
    `account_id` LowCardinality(String),
    `recipient_id` String,
    `caused_by` String,
    `occurred_at` DateTime64(6, 'UTC'),
    `lane` LowCardinality(String),
    `topic` LowCardinality(String),
    `control_offset` Int64,
    PROJECTION resume (SELECT _topic, _partition, max(_batch_last) GROUP BY _topic, _partition),
    PROJECTION by_message (SELECT message_id, _part_offset ORDER BY message_id)
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(_timestamp)
ORDER BY (_topic, _partition, _offset)
SETTINGS non_replicated_deduplication_window = 0;

CREATE TABLE IF NOT EXISTS sluice.account_served
(
    `_topic` LowCardinality(String),
    `_partition` Int32,
    `_offset` Int64,
    `_timestamp` DateTime64(3, 'UTC'),
    `_source_topic` LowCardinality(String),
    `_source_partition` Int32,
    `_source_offset` Int64,
    `_source_ordinal` Int32,
    `_epoch` LowCardinality(String),
    `_is_foreign` Bool,
    `_is_repeat` Bool,
    `_batch_first` Int64,
    `_batch_last` Int64,
    `message_id` String,
    `account_id` LowCardinality(String),
    `recipient_id` String,
    `caused_by` String,
    `occurred_at` DateTime64(6, 'UTC'),
    `lane` LowCardinality(String),
    `topic` LowCardinality(String),
    `control_offset` Int64,
    `pause_us` Int64,
    PROJECTION resume (SELECT _topic, _partition, max(_batch_last) GROUP BY _topic, _partition),
    PROJECTION by_message (SELECT message_id, _part_offset ORDER BY message_id)
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(_timestamp)
ORDER BY (_topic, _partition, _offset)
SETTINGS non_replicated_deduplication_window = 0;

CREATE TABLE IF NOT EXISTS sluice.audit_recorded
(
    `_topic` LowCardinality(String),
    `_partition` Int32,
    `_offset` Int64,
    `_timestamp` DateTime64(3, 'UTC'),
    `_source_topic` LowCardinality(String),
    `_source_partition` Int32,
    `_source_offset` Int64,
    `_source_ordinal` Int32,
    `_epoch` LowCardinality(String),
    `_is_foreign` Bool,
    `_is_repeat` Bool,
    `_batch_first` Int64,
    `_batch_last` Int64,
    `actor` LowCardinality(String),
    `action` LowCardinality(String),
    `subject` String,
    `is_allowed` Bool,
    `reason` LowCardinality(String),
    `detail` String,
    `account_id` LowCardinality(String),
    `message_id` String,
    `occurred_at` DateTime64(6, 'UTC'),
    PROJECTION resume (SELECT _topic, _partition, max(_batch_last) GROUP BY _topic, _partition),
    PROJECTION by_message (SELECT message_id, _part_offset ORDER BY message_id)
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(_timestamp)
ORDER BY (_topic, _partition, _offset)
SETTINGS non_replicated_deduplication_window = 0;

CREATE TABLE IF NOT EXISTS sluice.suppression_changed
(
    `_topic` LowCardinality(String),
    `_partition` Int32,
    `_offset` Int64,
    `_timestamp` DateTime64(3, 'UTC'),
    `_source_topic` LowCardinality(String),
    `_source_partition` Int32,
    `_source_offset` Int64,
    `_source_ordinal` Int32,
    `_epoch` LowCardinality(String),
    `_is_foreign` Bool,
    `_is_repeat` Bool,
    `_batch_first` Int64,
    `_batch_last` Int64,
    `message_id` String,
    `account_id` LowCardinality(String),
    `recipient_id` String,
    `caused_by` String,
    `occurred_at` DateTime64(6, 'UTC'),
    `sender` LowCardinality(String),
    `is_suppressed` Bool,
    `includes_otp` Bool,
    `reason` LowCardinality(String),
    `author` String,
    `detail` String,
    PROJECTION resume (SELECT _topic, _partition, max(_batch_last) GROUP BY _topic, _partition),
    PROJECTION by_message (SELECT message_id, _part_offset ORDER BY message_id)
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(_timestamp)
ORDER BY (_topic, _partition, _offset)
SETTINGS non_replicated_deduplication_window = 0;

CREATE TABLE IF NOT EXISTS sluice.suppression_recorded
(
    `_topic` LowCardinality(String),
    `_partition` Int32,
    `_offset` Int64,
    `_timestamp` DateTime64(3, 'UTC'),
    `_source_topic` LowCardinality(String),
    `_source_partition` Int32,
    `_source_offset` Int64,
    `_source_ordinal` Int32,
    `_epoch` LowCardinality(String),
    `_is_foreign` Bool,
    `_is_repeat` Bool,
    `_batch_first` Int64,
    `_batch_last` Int64,
    `message_id` String,
    `account_id` LowCardinality(String),
    `recipient_id` String,
    `caused_by` String,
    `occurred_at` DateTime64(6, 'UTC'),
    `sender` LowCardinality(String),
    `is_suppressed` Bool,
    `includes_otp` Bool,
    `reason` LowCardinality(String),
    `origin` LowCardinality(String),
    `author` String,
    `detail` String,
    PROJECTION resume (SELECT _topic, _partition, max(_batch_last) GROUP BY _topic, _partition),
    PROJECTION by_message (SELECT message_id, _part_offset ORDER BY message_id)
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(_timestamp)
ORDER BY (_topic, _partition, _offset)
SETTINGS non_replicated_deduplication_window = 0;

ALTER TABLE sluice.usage_recorded ADD COLUMN IF NOT EXISTS `tariff` LowCardinality(String) DEFAULT '';
ALTER TABLE sluice.usage_recorded ADD COLUMN IF NOT EXISTS `cost_tariff` LowCardinality(String) DEFAULT '';

-- held_offsets: every row of every raw table by where it stood in Kafka, repeats and other epochs included.

CREATE OR REPLACE VIEW sluice.held_offsets AS
SELECT _topic AS topic, _partition AS partition, _offset AS offset, _is_repeat AS is_repeat,
    _is_foreign AS is_foreign, held_in
FROM
(
    SELECT _topic, _partition, _offset, _is_repeat, _is_foreign, 'account_opened' AS held_in FROM sluice.account_opened
    UNION ALL
    SELECT _topic, _partition, _offset, _is_repeat, _is_foreign, 'account_served' AS held_in FROM sluice.account_served
    UNION ALL
    SELECT _topic, _partition, _offset, _is_repeat, _is_foreign, 'audit_recorded' AS held_in FROM sluice.audit_recorded
    UNION ALL
    SELECT _topic, _partition, _offset, _is_repeat, _is_foreign, 'carrier_bind_changed' AS held_in FROM sluice.carrier_bind_changed
    UNION ALL
    SELECT _topic, _partition, _offset, _is_repeat, _is_foreign, 'control_recorded' AS held_in FROM sluice.control_recorded
    UNION ALL
    SELECT _topic, _partition, _offset, _is_repeat, _is_foreign, 'dispatch_message' AS held_in FROM sluice.dispatch_message
    UNION ALL
    SELECT _topic, _partition, _offset, _is_repeat, _is_foreign, 'dispatch_refused' AS held_in FROM sluice.dispatch_refused
    UNION ALL
    SELECT _topic, _partition, _offset, _is_repeat, _is_foreign, 'health_snapshot' AS held_in FROM sluice.health_snapshot
    UNION ALL
    SELECT _topic, _partition, _offset, _is_repeat, _is_foreign, 'intent_recorded' AS held_in FROM sluice.intent_recorded
    UNION ALL
    SELECT _topic, _partition, _offset, _is_repeat, _is_foreign, 'message_accepted' AS held_in FROM sluice.message_accepted
    UNION ALL
    SELECT _topic, _partition, _offset, _is_repeat, _is_foreign, 'message_deferred' AS held_in FROM sluice.message_deferred
    UNION ALL
    SELECT _topic, _partition, _offset, _is_repeat, _is_foreign, 'message_refused' AS held_in FROM sluice.message_refused
    UNION ALL
    SELECT _topic, _partition, _offset, _is_repeat, _is_foreign, 'message_rejected' AS held_in FROM sluice.message_rejected
    UNION ALL
    SELECT _topic, _partition, _offset, _is_repeat, _is_foreign, 'message_routed' AS held_in FROM sluice.message_routed
    UNION ALL
    SELECT _topic, _partition, _offset, _is_repeat, _is_foreign, 'message_status_changed' AS held_in FROM sluice.message_status_changed
    UNION ALL
    SELECT _topic, _partition, _offset, _is_repeat, _is_foreign, 'recall_requested' AS held_in FROM sluice.recall_requested
    UNION ALL
    SELECT _topic, _partition, _offset, _is_repeat, _is_foreign, 'receipt_received' AS held_in FROM sluice.receipt_received
    UNION ALL
    SELECT _topic, _partition, _offset, _is_repeat, _is_foreign, 'record_quarantined' AS held_in FROM sluice.record_quarantined
    UNION ALL
    SELECT _topic, _partition, _offset, _is_repeat, _is_foreign, 'reply_forwarded' AS held_in FROM sluice.reply_forwarded
    UNION ALL
    SELECT _topic, _partition, _offset, _is_repeat, _is_foreign, 'reply_received' AS held_in FROM sluice.reply_received
    UNION ALL
    SELECT _topic, _partition, _offset, _is_repeat, _is_foreign, 'snapshot_adopted' AS held_in FROM sluice.snapshot_adopted
    UNION ALL
    SELECT _topic, _partition, _offset, _is_repeat, _is_foreign, 'submit_failed' AS held_in FROM sluice.submit_failed
    UNION ALL
    SELECT _topic, _partition, _offset, _is_repeat, _is_foreign, 'submit_outcome_unknown' AS held_in FROM sluice.submit_outcome_unknown
    UNION ALL
    SELECT _topic, _partition, _offset, _is_repeat, _is_foreign, 'submit_succeeded' AS held_in FROM sluice.submit_succeeded
    UNION ALL
    SELECT _topic, _partition, _offset, _is_repeat, _is_foreign, 'suppression_changed' AS held_in FROM sluice.suppression_changed
    UNION ALL
    SELECT _topic, _partition, _offset, _is_repeat, _is_foreign, 'suppression_recorded' AS held_in FROM sluice.suppression_recorded
    UNION ALL
    SELECT _topic, _partition, _offset, _is_repeat, _is_foreign, 'timer_fired' AS held_in FROM sluice.timer_fired
    UNION ALL
    SELECT _topic, _partition, _offset, _is_repeat, _is_foreign, 'usage_recorded' AS held_in FROM sluice.usage_recorded
) AS held;

-- usage: one row a billing event, amounts in units of their currency, and the tariffs that set them.

CREATE OR REPLACE VIEW sluice.usage AS
SELECT
    message_id, account_id, t._timestamp AS at, occurred_at, event, carrier, attempt, release, part, smsc_id,
    message_class, country, network, sender, campaign_id,
    toDecimal128(charge_micros, 6) / 1000000 AS charge, currency,
    toDecimal128(cost_micros, 6) / 1000000 AS cost, cost_currency,
    control_offset, t._topic AS topic, t._partition AS partition, t._offset AS offset, tariff, cost_tariff
FROM sluice.usage_recorded AS t
WHERE NOT _is_repeat AND NOT _is_foreign;

-- suppressions: who may not be written to now, one row a phone, account and sender ('*' = all of them). The newest
-- record holds; `since` is when the first one after the last lifting was made. A phone's records share a partition.

CREATE OR REPLACE VIEW sluice.suppressions AS
SELECT
    recipient_id, account_id, sender,
    minIf(happened_at, _offset > lifted_by) AS since,
    argMax(why, _offset) AS reason,
    argMax(came_from, _offset) AS origin,
    argMax(who, _offset) AS author,
    argMax(said, _offset) AS detail,
    argMax(with_otp, _offset) AS includes_otp,
    argMax(_timestamp, _offset) AS at,
    argMax(_topic, _offset) AS topic,
    argMax(_partition, _offset) AS partition,
    max(_offset) AS offset
FROM
(
    SELECT
        recipient_id, account_id, sender, is_suppressed, occurred_at AS happened_at, reason AS why,
        origin AS came_from, author AS who, detail AS said, includes_otp AS with_otp, _timestamp, _topic, _partition,
        _offset,
        max(if(is_suppressed, -1, _offset)) OVER (PARTITION BY recipient_id, account_id, sender) AS lifted_by
    FROM sluice.suppression_recorded
    WHERE NOT _is_repeat AND NOT _is_foreign
) AS changes
GROUP BY recipient_id, account_id, sender
HAVING argMax(is_suppressed, _offset);

-- audit: who looked at, or changed, what not everybody may.

CREATE OR REPLACE VIEW sluice.audit AS
SELECT
    occurred_at, t._timestamp AS at, actor, action, subject, is_allowed, reason, detail, account_id, message_id,
    t._topic AS topic, t._partition AS partition, t._offset AS offset
FROM sluice.audit_recorded AS t
WHERE NOT _is_repeat AND NOT _is_foreign;
