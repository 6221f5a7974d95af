-- What completes the journal: offsets that hold no row in a raw table, and why; how far Kafka's logs reach.

CREATE TABLE IF NOT EXISTS sluice.skipped_offsets
(
    `_topic` LowCardinality(String),
    `_partition` Int32,
    `_offset` Int64,
    `_timestamp` DateTime64(3, 'UTC'),
    `_batch_first` Int64,
    `_batch_last` Int64,
    `reason` LowCardinality(String),
    `detail` String,
    `value_size` Int64,
    `value_sha256` String
)
ENGINE = MergeTree
ORDER BY (_topic, _partition, _offset)
SETTINGS non_replicated_deduplication_window = 0;

CREATE TABLE IF NOT EXISTS sluice.explained_offsets
(
    `_topic` LowCardinality(String),
    `_partition` Int32,
    `first_offset` Int64,
    `last_offset` Int64,
    `_batch_first` Int64,
    `_batch_last` Int64,
    `reason` LowCardinality(String)
)
ENGINE = MergeTree
ORDER BY (_topic, _partition, first_offset)
SETTINGS non_replicated_deduplication_window = 0;

CREATE TABLE IF NOT EXISTS sluice.partition_ends
(
    `topic` LowCardinality(String),
    `partition` Int32,
    `log_start` Int64,
    `log_end` Int64,
    `seen_at` DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree(seen_at)
ORDER BY (topic, partition);
