-- held_offsets: every row of every raw table by where it stood in Kafka, repeats and other epochs included.

CREATE OR REPLACE VIEW sluice.held_offsets AS
SELECT _topic AS topic, _partition AS partition, _offset AS offset, _is_repeat AS is_repeat,
    _is_foreign AS is_foreign, held_in
FROM
(
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
    SELECT _topic, _partition, _offset, _is_repeat, _is_foreign, 'timer_fired' AS held_in FROM sluice.timer_fired
    UNION ALL
    SELECT _topic, _partition, _offset, _is_repeat, _is_foreign, 'usage_recorded' AS held_in FROM sluice.usage_recorded
) AS held;

-- coverage: the proof that each record is held exactly once. One row a partition; a sound one has no gaps and no
-- doubles. An offset may be held by a row, skipped by name, or explained (transaction markers, retention).

CREATE OR REPLACE VIEW sluice.coverage AS
SELECT
    topic,
    partition,
    minIf(span_from, kind IN (1, 2)) AS first_offset,
    maxIf(span_to, kind IN (1, 2)) AS last_offset,
    toInt64(countIf(kind = 1)) AS rows,
    toInt64(uniqExactIf(span_from, kind IN (1, 2))) AS distinct_offsets,
    toInt64(countIf(kind IN (1, 2))) - distinct_offsets AS doubles,
    toInt64(sumIf(span_from - covered_to - 1, kind != 0 AND span_from > covered_to + 1)) AS gaps,
    arraySort(groupArrayIf(10)((covered_to + 1, span_from - 1), kind != 0 AND span_from > covered_to + 1)) AS gap_ranges,
    arraySort(groupUniqArrayIf(10)(span_from, is_double)) AS double_offsets,
    toInt64(countIf(kind = 1 AND is_repeat)) AS repeats,
    toInt64(countIf(kind = 1 AND is_foreign)) AS foreign_epoch,
    toInt64(countIf(kind = 2)) AS skipped,
    toInt64(sumIf(greatest(0, span_to - greatest(span_from, covered_to + 1) + 1), kind = 3)) AS explained,
    max(span_to) AS covered_to_offset,
    max(log_end) - 1 AS kafka_last_offset,
    greatest(0, kafka_last_offset - covered_to_offset) AS lag,
    gaps = 0 AND doubles = 0 AS is_sound
FROM
(
    SELECT
        topic, partition, span_from, span_to, kind, is_repeat, is_foreign, log_end,
        max(span_to) OVER (PARTITION BY topic, partition ORDER BY span_from, span_to, kind
                           ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS covered_to,
        kind IN (1, 2) AND count() OVER (PARTITION BY topic, partition, span_from, kind IN (1, 2)) > 1 AS is_double
    FROM
    (
        SELECT topic, partition, toInt64(-1) AS span_from, toInt64(-1) AS span_to, 0 AS kind,
            false AS is_repeat, false AS is_foreign, toInt64(0) AS log_end
        FROM (SELECT DISTINCT topic, partition FROM sluice.held_offsets
              UNION DISTINCT SELECT topic, partition FROM sluice.partition_ends
              UNION DISTINCT SELECT _topic, _partition FROM sluice.explained_offsets
              UNION DISTINCT SELECT _topic, _partition FROM sluice.skipped_offsets)
        UNION ALL
        SELECT topic, partition, toInt64(-1), toInt64(-1), 0, false, false, max(log_end)
        FROM sluice.partition_ends GROUP BY topic, partition
        UNION ALL
        SELECT topic, partition, offset, offset, 1, is_repeat, is_foreign, 0 FROM sluice.held_offsets
        UNION ALL
        SELECT _topic, _partition, _offset, _offset, 2, false, false, 0 FROM sluice.skipped_offsets
        UNION ALL
        SELECT _topic, _partition, first_offset, last_offset, 3, false, false, 0 FROM sluice.explained_offsets
    ) AS spans
) AS covered
GROUP BY topic, partition
ORDER BY topic, partition;
