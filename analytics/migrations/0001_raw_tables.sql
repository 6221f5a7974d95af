-- One raw table a record of the sunk topics: the journal. Written from schemas/ by analytics.generate.

CREATE TABLE IF NOT EXISTS sluice.carrier_bind_changed
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
    `carrier` LowCardinality(String),
    `process_id` LowCardinality(String),
    `is_bound` Bool,
    `bind_count` Int32,
    `occurred_at` DateTime64(6, 'UTC'),
    `detail` String,
    PROJECTION resume (SELECT _topic, _partition, max(_batch_last) GROUP BY _topic, _partition)
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(_timestamp)
ORDER BY (_topic, _partition, _offset)
SETTINGS non_replicated_deduplication_window = 0;

CREATE TABLE IF NOT EXISTS sluice.control_recorded
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
    `kind` LowCardinality(String),
    `id` String,
    `revision` Int64,
    `effective_at` DateTime64(6, 'UTC'),
    `occurred_at` DateTime64(6, 'UTC'),
    `author` String,
    `reason` LowCardinality(String),
    `is_deleted` Bool,
    `body` String,
    PROJECTION resume (SELECT _topic, _partition, max(_batch_last) GROUP BY _topic, _partition)
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(_timestamp)
ORDER BY (_topic, _partition, _offset)
SETTINGS non_replicated_deduplication_window = 0;

CREATE TABLE IF NOT EXISTS sluice.dispatch_message
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
    `attempt` Int32,
    `release` Int32,
    `carrier` LowCardinality(String),
    `message_class` LowCardinality(String),
    `lane` LowCardinality(String),
    `sender` LowCardinality(String),
    `country` LowCardinality(String),
    `encoding` LowCardinality(String),
    `segment_count` Int32,
    `parts` Array(Int32),
    `concat_reference` Int32,
    `expires_at` DateTime64(6, 'UTC'),
    `send_before` DateTime64(6, 'UTC'),
    `key_day` LowCardinality(String),
    PROJECTION resume (SELECT _topic, _partition, max(_batch_last) GROUP BY _topic, _partition),
    PROJECTION by_message (SELECT message_id, _part_offset ORDER BY message_id)
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(_timestamp)
ORDER BY (_topic, _partition, _offset)
SETTINGS non_replicated_deduplication_window = 0;

CREATE TABLE IF NOT EXISTS sluice.dispatch_refused
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
    `attempt` Int32,
    `release` Int32,
    `carrier` LowCardinality(String),
    `parts` Array(Int32),
    `reason` LowCardinality(String),
    `detail` String,
    PROJECTION resume (SELECT _topic, _partition, max(_batch_last) GROUP BY _topic, _partition),
    PROJECTION by_message (SELECT message_id, _part_offset ORDER BY message_id)
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(_timestamp)
ORDER BY (_topic, _partition, _offset)
SETTINGS non_replicated_deduplication_window = 0;

CREATE TABLE IF NOT EXISTS sluice.health_snapshot
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
    `number` Int64,
    `occurred_at` DateTime64(6, 'UTC'),
    `caused_by` String,
    `carriers` Array(Tuple(carrier String, is_bound Bool, bind_count Int32, reason String, changed_at DateTime64(6, 'UTC'))),
    PROJECTION resume (SELECT _topic, _partition, max(_batch_last) GROUP BY _topic, _partition)
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(_timestamp)
ORDER BY (_topic, _partition, _offset)
SETTINGS non_replicated_deduplication_window = 0;

CREATE TABLE IF NOT EXISTS sluice.intent_recorded
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
    `attempt` Int32,
    `release` Int32,
    `part` Int32,
    `carrier` LowCardinality(String),
    `dispatch_offset` Int64,
    `wire_try` Int32,
    PROJECTION resume (SELECT _topic, _partition, max(_batch_last) GROUP BY _topic, _partition),
    PROJECTION by_message (SELECT message_id, _part_offset ORDER BY message_id)
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(_timestamp)
ORDER BY (_topic, _partition, _offset)
SETTINGS non_replicated_deduplication_window = 0;

CREATE TABLE IF NOT EXISTS sluice.message_accepted
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
    `reference` String,
    `idempotency_key` String,
    `message_class` LowCardinality(String),
    `lane` LowCardinality(String),
    `sender` LowCardinality(String),
    `country` LowCardinality(String),
    `network` LowCardinality(String),
    `number_prefix` LowCardinality(String),
    `encoding` LowCardinality(String),
    `segment_count` Int32,
    `campaign_id` LowCardinality(String),
    `payload_hash` String,
    `template_id` LowCardinality(String),
    `template_version` Int32,
    `not_before` DateTime64(6, 'UTC'),
    `expires_at` DateTime64(6, 'UTC'),
    `submitted_topic` LowCardinality(String),
    `submitted_partition` Int32,
    `submitted_offset` Int64,
    `control_offset` Int64,
    `facts_version` LowCardinality(String),
    `key_day` LowCardinality(String),
    PROJECTION resume (SELECT _topic, _partition, max(_batch_last) GROUP BY _topic, _partition),
    PROJECTION by_message (SELECT message_id, _part_offset ORDER BY message_id)
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(_timestamp)
ORDER BY (_topic, _partition, _offset)
SETTINGS non_replicated_deduplication_window = 0;

CREATE TABLE IF NOT EXISTS sluice.message_deferred
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
    `attempt` Int32,
    `release` Int32,
    `lane` LowCardinality(String),
    `until` DateTime64(6, 'UTC'),
    `reason` LowCardinality(String),
    `bucket` String,
    PROJECTION resume (SELECT _topic, _partition, max(_batch_last) GROUP BY _topic, _partition),
    PROJECTION by_message (SELECT message_id, _part_offset ORDER BY message_id)
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(_timestamp)
ORDER BY (_topic, _partition, _offset)
SETTINGS non_replicated_deduplication_window = 0;

CREATE TABLE IF NOT EXISTS sluice.message_refused
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
    `attempt` Int32,
    `release` Int32,
    `lane` LowCardinality(String),
    `reason` LowCardinality(String),
    `detail` String,
    `bucket` String,
    PROJECTION resume (SELECT _topic, _partition, max(_batch_last) GROUP BY _topic, _partition),
    PROJECTION by_message (SELECT message_id, _part_offset ORDER BY message_id)
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(_timestamp)
ORDER BY (_topic, _partition, _offset)
SETTINGS non_replicated_deduplication_window = 0;

CREATE TABLE IF NOT EXISTS sluice.message_rejected
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
    `reference` String,
    `idempotency_key` String,
    `message_class` LowCardinality(String),
    `lane` LowCardinality(String),
    `country` LowCardinality(String),
    `campaign_id` LowCardinality(String),
    `reason` LowCardinality(String),
    `detail` String,
    `submitted_topic` LowCardinality(String),
    `submitted_partition` Int32,
    `submitted_offset` Int64,
    `control_offset` Int64,
    `facts_version` LowCardinality(String),
    `key_day` LowCardinality(String),
    PROJECTION resume (SELECT _topic, _partition, max(_batch_last) GROUP BY _topic, _partition),
    PROJECTION by_message (SELECT message_id, _part_offset ORDER BY message_id)
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(_timestamp)
ORDER BY (_topic, _partition, _offset)
SETTINGS non_replicated_deduplication_window = 0;

CREATE TABLE IF NOT EXISTS sluice.message_routed
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
    `attempt` Int32,
    `release` Int32,
    `carrier` LowCardinality(String),
    `candidates` Array(Tuple(carrier String, is_eligible Bool, score Int64, reason String)),
    `message_class` LowCardinality(String),
    `lane` LowCardinality(String),
    `sender` LowCardinality(String),
    `country` LowCardinality(String),
    `network` LowCardinality(String),
    `number_prefix` LowCardinality(String),
    `encoding` LowCardinality(String),
    `segment_count` Int32,
    `parts` Array(Int32),
    `concat_reference` Int32,
    `campaign_id` LowCardinality(String),
    `price_micros` Int64,
    `currency` LowCardinality(String),
    `cost_micros` Int64,
    `cost_currency` LowCardinality(String),
    `reason` LowCardinality(String),
    `expires_at` DateTime64(6, 'UTC'),
    `send_before` DateTime64(6, 'UTC'),
    `control_offset` Int64,
    `health_offset` Int64,
    `key_day` LowCardinality(String),
    PROJECTION resume (SELECT _topic, _partition, max(_batch_last) GROUP BY _topic, _partition),
    PROJECTION by_message (SELECT message_id, _part_offset ORDER BY message_id)
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(_timestamp)
ORDER BY (_topic, _partition, _offset)
SETTINGS non_replicated_deduplication_window = 0;

CREATE TABLE IF NOT EXISTS sluice.message_status_changed
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
    `reference` String,
    `idempotency_key` String,
    `status` LowCardinality(String),
    `status_seq` Int32,
    `is_final` Bool,
    `reason` LowCardinality(String),
    `detail` String,
    `first_message_id` String,
    `message_class` LowCardinality(String),
    `carrier` LowCardinality(String),
    `attempt` Int32,
    `segment_count` Int32,
    `encoding` LowCardinality(String),
    `country` LowCardinality(String),
    `error_code` LowCardinality(String),
    `price_micros` Int64,
    `currency` LowCardinality(String),
    `campaign_id` LowCardinality(String),
    `submitted_topic` LowCardinality(String),
    `submitted_partition` Int32,
    `submitted_offset` Int64,
    PROJECTION resume (SELECT _topic, _partition, max(_batch_last) GROUP BY _topic, _partition),
    PROJECTION by_message (SELECT message_id, _part_offset ORDER BY message_id)
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(_timestamp)
ORDER BY (_topic, _partition, _offset)
SETTINGS non_replicated_deduplication_window = 0;

CREATE TABLE IF NOT EXISTS sluice.recall_requested
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
    `attempt` Int32,
    `reason` LowCardinality(String),
    PROJECTION resume (SELECT _topic, _partition, max(_batch_last) GROUP BY _topic, _partition),
    PROJECTION by_message (SELECT message_id, _part_offset ORDER BY message_id)
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(_timestamp)
ORDER BY (_topic, _partition, _offset)
SETTINGS non_replicated_deduplication_window = 0;

CREATE TABLE IF NOT EXISTS sluice.receipt_received
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
    `carrier` LowCardinality(String),
    `smsc_id` String,
    `state` LowCardinality(String),
    `stat` LowCardinality(String),
    `error_code` LowCardinality(String),
    `done_at` DateTime64(6, 'UTC'),
    `attempt` Int32,
    `part` Int32,
    PROJECTION resume (SELECT _topic, _partition, max(_batch_last) GROUP BY _topic, _partition),
    PROJECTION by_message (SELECT message_id, _part_offset ORDER BY message_id),
    PROJECTION by_carrier_hour (SELECT toStartOfHour(_timestamp), carrier, state, _is_repeat, _is_foreign, count() GROUP BY toStartOfHour(_timestamp), carrier, state, _is_repeat, _is_foreign)
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(_timestamp)
ORDER BY (_topic, _partition, _offset)
SETTINGS non_replicated_deduplication_window = 0;

CREATE TABLE IF NOT EXISTS sluice.record_quarantined
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
    `reader` LowCardinality(String),
    `source_topic` LowCardinality(String),
    `source_partition` Int32,
    `source_offset` Int64,
    `source_timestamp` DateTime64(6, 'UTC'),
    `reason` LowCardinality(String),
    `detail` String,
    `value_size` Int32,
    `value_sha256` String,
    `key_day` LowCardinality(String),
    PROJECTION resume (SELECT _topic, _partition, max(_batch_last) GROUP BY _topic, _partition),
    PROJECTION by_message (SELECT message_id, _part_offset ORDER BY message_id)
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(_timestamp)
ORDER BY (_topic, _partition, _offset)
SETTINGS non_replicated_deduplication_window = 0;

CREATE TABLE IF NOT EXISTS sluice.reply_forwarded
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
    `carrier` LowCardinality(String),
    `destination` String,
    `action` LowCardinality(String),
    `keyword` LowCardinality(String),
    `country` LowCardinality(String),
    `key_day` LowCardinality(String),
    PROJECTION resume (SELECT _topic, _partition, max(_batch_last) GROUP BY _topic, _partition),
    PROJECTION by_message (SELECT message_id, _part_offset ORDER BY message_id)
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(_timestamp)
ORDER BY (_topic, _partition, _offset)
SETTINGS non_replicated_deduplication_window = 0;

CREATE TABLE IF NOT EXISTS sluice.reply_received
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
    `carrier` LowCardinality(String),
    `destination` String,
    `carrier_reference` String,
    `action` LowCardinality(String),
    `keyword` LowCardinality(String),
    `country` LowCardinality(String),
    `encoding` LowCardinality(String),
    `segment_count` Int32,
    `key_day` LowCardinality(String),
    PROJECTION resume (SELECT _topic, _partition, max(_batch_last) GROUP BY _topic, _partition),
    PROJECTION by_message (SELECT message_id, _part_offset ORDER BY message_id)
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(_timestamp)
ORDER BY (_topic, _partition, _offset)
SETTINGS non_replicated_deduplication_window = 0;

CREATE TABLE IF NOT EXISTS sluice.snapshot_adopted
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
    `control_offset` Int64,
    `health_offset` Int64,
    `stage` LowCardinality(String),
    PROJECTION resume (SELECT _topic, _partition, max(_batch_last) GROUP BY _topic, _partition),
    PROJECTION by_message (SELECT message_id, _part_offset ORDER BY message_id)
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(_timestamp)
ORDER BY (_topic, _partition, _offset)
SETTINGS non_replicated_deduplication_window = 0;

CREATE TABLE IF NOT EXISTS sluice.submit_failed
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
    `attempt` Int32,
    `release` Int32,
    `part` Int32,
    `carrier` LowCardinality(String),
    `command_status` Int32,
    `status_name` LowCardinality(String),
    `failure_class` LowCardinality(String),
    `scope` LowCardinality(String),
    `sent_at` DateTime64(6, 'UTC'),
    `detail` String,
    PROJECTION resume (SELECT _topic, _partition, max(_batch_last) GROUP BY _topic, _partition),
    PROJECTION by_message (SELECT message_id, _part_offset ORDER BY message_id),
    PROJECTION by_carrier_hour (SELECT toStartOfHour(_timestamp), carrier, _is_repeat, _is_foreign, count() GROUP BY toStartOfHour(_timestamp), carrier, _is_repeat, _is_foreign)
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(_timestamp)
ORDER BY (_topic, _partition, _offset)
SETTINGS non_replicated_deduplication_window = 0;

CREATE TABLE IF NOT EXISTS sluice.submit_outcome_unknown
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
    `attempt` Int32,
    `release` Int32,
    `part` Int32,
    `carrier` LowCardinality(String),
    `reason` LowCardinality(String),
    PROJECTION resume (SELECT _topic, _partition, max(_batch_last) GROUP BY _topic, _partition),
    PROJECTION by_message (SELECT message_id, _part_offset ORDER BY message_id),
    PROJECTION by_carrier_hour (SELECT toStartOfHour(_timestamp), carrier, _is_repeat, _is_foreign, count() GROUP BY toStartOfHour(_timestamp), carrier, _is_repeat, _is_foreign)
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(_timestamp)
ORDER BY (_topic, _partition, _offset)
SETTINGS non_replicated_deduplication_window = 0;

CREATE TABLE IF NOT EXISTS sluice.submit_succeeded
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
    `attempt` Int32,
    `release` Int32,
    `part` Int32,
    `carrier` LowCardinality(String),
    `smsc_id` String,
    `sent_at` DateTime64(6, 'UTC'),
    PROJECTION resume (SELECT _topic, _partition, max(_batch_last) GROUP BY _topic, _partition),
    PROJECTION by_message (SELECT message_id, _part_offset ORDER BY message_id),
    PROJECTION by_carrier_hour (SELECT toStartOfHour(_timestamp), carrier, _is_repeat, _is_foreign, count() GROUP BY toStartOfHour(_timestamp), carrier, _is_repeat, _is_foreign)
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(_timestamp)
ORDER BY (_topic, _partition, _offset)
SETTINGS non_replicated_deduplication_window = 0;

CREATE TABLE IF NOT EXISTS sluice.timer_fired
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
    `timer_seq` Int64,
    `due` DateTime64(6, 'UTC'),
    PROJECTION resume (SELECT _topic, _partition, max(_batch_last) GROUP BY _topic, _partition),
    PROJECTION by_message (SELECT message_id, _part_offset ORDER BY message_id)
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(_timestamp)
ORDER BY (_topic, _partition, _offset)
SETTINGS non_replicated_deduplication_window = 0;

CREATE TABLE IF NOT EXISTS sluice.usage_recorded
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
    `carrier` LowCardinality(String),
    `attempt` Int32,
    `release` Int32,
    `part` Int32,
    `event` LowCardinality(String),
    `smsc_id` String,
    `message_class` LowCardinality(String),
    `country` LowCardinality(String),
    `network` LowCardinality(String),
    `sender` LowCardinality(String),
    `campaign_id` LowCardinality(String),
    `charge_micros` Int64,
    `currency` LowCardinality(String),
    `cost_micros` Int64,
    `cost_currency` LowCardinality(String),
    `control_offset` Int64,
    PROJECTION resume (SELECT _topic, _partition, max(_batch_last) GROUP BY _topic, _partition),
    PROJECTION by_message (SELECT message_id, _part_offset ORDER BY message_id),
    PROJECTION by_account_hour (SELECT toStartOfHour(_timestamp), account_id, country, carrier, currency, cost_currency, _is_repeat, _is_foreign, count(), sum(charge_micros), sum(cost_micros) GROUP BY toStartOfHour(_timestamp), account_id, country, carrier, currency, cost_currency, _is_repeat, _is_foreign)
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(_timestamp)
ORDER BY (_topic, _partition, _offset)
SETTINGS non_replicated_deduplication_window = 0;
