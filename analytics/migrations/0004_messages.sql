-- messages: one row a message, the same in whatever order its events came; repeats and other epochs are left out.
-- Each branch says what one kind of record knows; max() of a text or of a ranked tuple picks what is known best.

CREATE OR REPLACE VIEW sluice.messages AS
WITH
    CAST(NULL, 'Nullable(DateTime64(6, \'UTC\'))') AS no_time,
    (toInt32(-1), '', false, '', '', '', no_time) AS no_state,
    (toInt32(0), toInt32(0), '') AS no_route,
    (toUInt8(0), toInt32(0), toInt32(0)) AS no_news
SELECT
    message_id,
    toString(max_account_id) AS account_id,
    toString(max_recipient_id) AS recipient_id,
    toString(max_reference) AS reference,
    toString(max_idempotency_key) AS idempotency_key,
    toString(max_first_message_id) AS first_message_id,
    toString(max_message_class) AS message_class,
    toString(max_lane) AS lane,
    toString(max_country) AS country,
    toString(max_network) AS network,
    toString(max_number_prefix) AS number_prefix,
    toString(max_sender) AS sender,
    toString(max_campaign_id) AS campaign_id,
    toString(max_template_id) AS template_id,
    toInt32(max_template_version) AS template_version,
    toString(max_encoding) AS encoding,
    toInt32(max_segment_count) AS segment_count,
    max_route.3 AS carrier,
    arraySort(arrayFilter(name -> name != '', arrayDistinct(arrayMap(each -> each.3, all_routes)))) AS carriers,
    toInt32(max_route.1) AS attempts,
    toInt32(max_route.2) AS releases,
    toInt32(deferral_count) AS deferrals,
    max_state.2 AS status,
    toInt32(greatest(max_state.1, 0)) AS status_seq,
    max_state.3 AS is_final,
    max_state.4 AS reason,
    max_state.5 AS detail,
    max_state.6 AS error_code,
    toInt32(length(arrayFilter(news -> news.1 = 1, all_news))) AS parts_submitted,
    toInt32(length(arrayFilter(news -> news.1 = 2, all_news))) AS parts_refused,
    toInt32(length(arrayFilter(news -> news.1 = 3, all_news))) AS parts_unknown,
    toInt32(length(arrayFilter(news -> news.1 = 4, all_news))) AS parts_delivered,
    toInt32(length(arrayFilter(news -> news.1 = 5, all_news))) AS parts_undelivered,
    min_received_at AS received_at,
    min_accepted_at AS accepted_at,
    min_routed_at AS routed_at,
    min_dispatched_at AS dispatched_at,
    min_submitted_at AS submitted_at,
    min_acknowledged_at AS acknowledged_at,
    if(max_state.2 = 'delivered', max_state.7, NULL) AS delivered_at,
    if(max_state.3, max_state.7, NULL) AS final_at,
    min_expires_at AS expires_at,
    if(min_received_at IS NULL OR min_accepted_at IS NULL, NULL, dateDiff('millisecond', min_received_at, min_accepted_at)) AS accept_ms,
    if(min_received_at IS NULL OR min_submitted_at IS NULL, NULL, dateDiff('millisecond', min_received_at, min_submitted_at)) AS submit_ms,
    if(min_submitted_at IS NULL OR delivered_at IS NULL, NULL, dateDiff('millisecond', min_submitted_at, delivered_at)) AS delivery_ms,
    if(min_received_at IS NULL OR final_at IS NULL, NULL, dateDiff('millisecond', min_received_at, final_at)) AS total_ms,
    toDecimal128(max_price_micros, 6) / 1000000 AS price,
    toDecimal128(sum_charge_micros, 6) / 1000000 AS charge,
    toString(max_currency) AS currency,
    toDecimal128(sum_cost_micros, 6) / 1000000 AS cost,
    toString(max_cost_currency) AS cost_currency,
    toString(max_submitted_topic) AS submitted_topic,
    toInt32(max_submitted_partition) AS submitted_partition,
    toInt64(max_submitted_offset) AS submitted_offset
FROM
(
    SELECT
        message_id,
        max(facts.account_id) AS max_account_id,
        max(facts.recipient_id) AS max_recipient_id,
        max(facts.reference) AS max_reference,
        max(facts.idempotency_key) AS max_idempotency_key,
        max(facts.first_message_id) AS max_first_message_id,
        max(facts.message_class) AS max_message_class,
        max(facts.lane) AS max_lane,
        max(facts.country) AS max_country,
        max(facts.network) AS max_network,
        max(facts.number_prefix) AS max_number_prefix,
        max(facts.sender) AS max_sender,
        max(facts.campaign_id) AS max_campaign_id,
        max(facts.template_id) AS max_template_id,
        max(facts.template_version) AS max_template_version,
        max(facts.encoding) AS max_encoding,
        max(facts.segment_count) AS max_segment_count,
        max(facts.submitted_topic) AS max_submitted_topic,
        max(facts.submitted_partition) AS max_submitted_partition,
        max(facts.submitted_offset) AS max_submitted_offset,
        max(facts.price_micros) AS max_price_micros,
        max(facts.currency) AS max_currency,
        max(facts.cost_currency) AS max_cost_currency,
        max(facts.state) AS max_state,
        max(facts.route) AS max_route,
        min(facts.received_at) AS min_received_at,
        min(facts.accepted_at) AS min_accepted_at,
        min(facts.routed_at) AS min_routed_at,
        min(facts.dispatched_at) AS min_dispatched_at,
        min(facts.submitted_at) AS min_submitted_at,
        min(facts.acknowledged_at) AS min_acknowledged_at,
        min(facts.expires_at) AS min_expires_at,
        sum(facts.charge_micros) AS sum_charge_micros,
        sum(facts.cost_micros) AS sum_cost_micros,
        sum(facts.is_deferral) AS deferral_count,
        groupUniqArray(facts.route) AS all_routes,
        groupUniqArray(facts.part_news) AS all_news
    FROM
    (
        SELECT
            t.message_id AS message_id, t.account_id AS account_id, t.recipient_id AS recipient_id,
            t.reference AS reference, t.idempotency_key AS idempotency_key, '' AS first_message_id,
            t.message_class AS message_class, t.lane AS lane, t.country AS country, t.network AS network,
            t.number_prefix AS number_prefix, t.sender AS sender, t.campaign_id AS campaign_id,
            t.template_id AS template_id, t.template_version AS template_version, t.encoding AS encoding,
            t.segment_count AS segment_count, t.submitted_topic AS submitted_topic,
            t.submitted_partition AS submitted_partition, t.submitted_offset AS submitted_offset,
            0 AS price_micros, '' AS currency, 0 AS charge_micros, 0 AS cost_micros, '' AS cost_currency,
            0 AS is_deferral, (toInt32(0), 'accepted', false, '', '', '', toNullable(t.occurred_at)) AS state,
            no_route AS route, no_news AS part_news, t.occurred_at AS received_at, t._timestamp AS accepted_at,
            no_time AS routed_at, no_time AS dispatched_at, no_time AS submitted_at, no_time AS acknowledged_at,
            nullIf(t.expires_at, toDateTime64(0, 6, 'UTC')) AS expires_at
        FROM sluice.message_accepted AS t
        WHERE NOT _is_repeat AND NOT _is_foreign
        UNION ALL
        SELECT
            t.message_id AS message_id, t.account_id AS account_id, t.recipient_id AS recipient_id,
            t.reference AS reference, t.idempotency_key AS idempotency_key, '' AS first_message_id,
            t.message_class AS message_class, t.lane AS lane, t.country AS country, '' AS network,
            '' AS number_prefix, '' AS sender, t.campaign_id AS campaign_id, '' AS template_id,
            0 AS template_version, '' AS encoding, 0 AS segment_count, t.submitted_topic AS submitted_topic,
            t.submitted_partition AS submitted_partition, t.submitted_offset AS submitted_offset,
            0 AS price_micros, '' AS currency, 0 AS charge_micros, 0 AS cost_micros, '' AS cost_currency,
            0 AS is_deferral,
            (toInt32(0), 'rejected', true, t.reason, t.detail, '', toNullable(t.occurred_at)) AS state,
            no_route AS route, no_news AS part_news, t.occurred_at AS received_at, no_time AS accepted_at,
            no_time AS routed_at, no_time AS dispatched_at, no_time AS submitted_at, no_time AS acknowledged_at,
            no_time AS expires_at
        FROM sluice.message_rejected AS t
        WHERE NOT _is_repeat AND NOT _is_foreign
        UNION ALL
        SELECT
            t.message_id AS message_id, t.account_id AS account_id, t.recipient_id AS recipient_id,
            t.reference AS reference, t.idempotency_key AS idempotency_key, t.first_message_id AS first_message_id,
            t.message_class AS message_class, '' AS lane, t.country AS country, '' AS network, '' AS number_prefix,
            '' AS sender, t.campaign_id AS campaign_id, '' AS template_id, 0 AS template_version,
            t.encoding AS encoding, t.segment_count AS segment_count, t.submitted_topic AS submitted_topic,
            t.submitted_partition AS submitted_partition, t.submitted_offset AS submitted_offset,
            t.price_micros AS price_micros, t.currency AS currency, 0 AS charge_micros, 0 AS cost_micros,
            '' AS cost_currency, 0 AS is_deferral,
            (t.status_seq, t.status, t.is_final, t.reason, t.detail, t.error_code, toNullable(t.occurred_at)) AS state,
            no_route AS route, no_news AS part_news, no_time AS received_at, no_time AS accepted_at,
            no_time AS routed_at, no_time AS dispatched_at, no_time AS submitted_at, no_time AS acknowledged_at,
            no_time AS expires_at
        FROM sluice.message_status_changed AS t
        WHERE NOT _is_repeat AND NOT _is_foreign
        UNION ALL
        SELECT
            t.message_id AS message_id, t.account_id AS account_id, t.recipient_id AS recipient_id,
            '' AS reference, '' AS idempotency_key, '' AS first_message_id, t.message_class AS message_class,
            t.lane AS lane, t.country AS country, t.network AS network, t.number_prefix AS number_prefix,
            t.sender AS sender, t.campaign_id AS campaign_id, '' AS template_id, 0 AS template_version,
            t.encoding AS encoding, t.segment_count AS segment_count, '' AS submitted_topic,
            0 AS submitted_partition, -1 AS submitted_offset, t.price_micros AS price_micros,
            t.currency AS currency, 0 AS charge_micros, 0 AS cost_micros, t.cost_currency AS cost_currency,
            0 AS is_deferral, no_state AS state, (t.attempt, t.release, t.carrier) AS route, no_news AS part_news,
            no_time AS received_at, no_time AS accepted_at, t._timestamp AS routed_at, no_time AS dispatched_at,
            no_time AS submitted_at, no_time AS acknowledged_at, no_time AS expires_at
        FROM sluice.message_routed AS t
        WHERE NOT _is_repeat AND NOT _is_foreign
        UNION ALL
        SELECT
            t.message_id AS message_id, t.account_id AS account_id, t.recipient_id AS recipient_id,
            '' AS reference, '' AS idempotency_key, '' AS first_message_id, '' AS message_class, t.lane AS lane,
            '' AS country, '' AS network, '' AS number_prefix, '' AS sender, '' AS campaign_id, '' AS template_id,
            0 AS template_version, '' AS encoding, 0 AS segment_count, '' AS submitted_topic,
            0 AS submitted_partition, -1 AS submitted_offset, 0 AS price_micros, '' AS currency,
            0 AS charge_micros, 0 AS cost_micros, '' AS cost_currency, 1 AS is_deferral, no_state AS state,
            no_route AS route, no_news AS part_news, no_time AS received_at, no_time AS accepted_at,
            no_time AS routed_at, no_time AS dispatched_at, no_time AS submitted_at, no_time AS acknowledged_at,
            no_time AS expires_at
        FROM sluice.message_deferred AS t
        WHERE NOT _is_repeat AND NOT _is_foreign
        UNION ALL
        SELECT
            t.message_id AS message_id, t.account_id AS account_id, t.recipient_id AS recipient_id,
            '' AS reference, '' AS idempotency_key, '' AS first_message_id, t.message_class AS message_class,
            t.lane AS lane, t.country AS country, '' AS network, '' AS number_prefix, t.sender AS sender,
            '' AS campaign_id, '' AS template_id, 0 AS template_version, t.encoding AS encoding,
            t.segment_count AS segment_count, '' AS submitted_topic, 0 AS submitted_partition,
            -1 AS submitted_offset, 0 AS price_micros, '' AS currency, 0 AS charge_micros, 0 AS cost_micros,
            '' AS cost_currency, 0 AS is_deferral, no_state AS state, (t.attempt, t.release, t.carrier) AS route,
            no_news AS part_news, no_time AS received_at, no_time AS accepted_at, no_time AS routed_at,
            t._timestamp AS dispatched_at, no_time AS submitted_at, no_time AS acknowledged_at,
            no_time AS expires_at
        FROM sluice.dispatch_message AS t
        WHERE NOT _is_repeat AND NOT _is_foreign
        UNION ALL
        SELECT
            t.message_id AS message_id, t.account_id AS account_id, t.recipient_id AS recipient_id,
            '' AS reference, '' AS idempotency_key, '' AS first_message_id, '' AS message_class, '' AS lane,
            '' AS country, '' AS network, '' AS number_prefix, '' AS sender, '' AS campaign_id, '' AS template_id,
            0 AS template_version, '' AS encoding, 0 AS segment_count, '' AS submitted_topic,
            0 AS submitted_partition, -1 AS submitted_offset, 0 AS price_micros, '' AS currency,
            0 AS charge_micros, 0 AS cost_micros, '' AS cost_currency, 0 AS is_deferral, no_state AS state,
            no_route AS route, (toUInt8(1), t.attempt, t.part) AS part_news, no_time AS received_at,
            no_time AS accepted_at, no_time AS routed_at, no_time AS dispatched_at, t.sent_at AS submitted_at,
            t.occurred_at AS acknowledged_at, no_time AS expires_at
        FROM sluice.submit_succeeded AS t
        WHERE NOT _is_repeat AND NOT _is_foreign
        UNION ALL
        SELECT
            t.message_id AS message_id, t.account_id AS account_id, t.recipient_id AS recipient_id,
            '' AS reference, '' AS idempotency_key, '' AS first_message_id, '' AS message_class, '' AS lane,
            '' AS country, '' AS network, '' AS number_prefix, '' AS sender, '' AS campaign_id, '' AS template_id,
            0 AS template_version, '' AS encoding, 0 AS segment_count, '' AS submitted_topic,
            0 AS submitted_partition, -1 AS submitted_offset, 0 AS price_micros, '' AS currency,
            0 AS charge_micros, 0 AS cost_micros, '' AS cost_currency, 0 AS is_deferral, no_state AS state,
            no_route AS route, (toUInt8(2), t.attempt, t.part) AS part_news, no_time AS received_at,
            no_time AS accepted_at, no_time AS routed_at, no_time AS dispatched_at, no_time AS submitted_at,
            no_time AS acknowledged_at, no_time AS expires_at
        FROM sluice.submit_failed AS t
        WHERE NOT _is_repeat AND NOT _is_foreign
        UNION ALL
        SELECT
            t.message_id AS message_id, t.account_id AS account_id, t.recipient_id AS recipient_id,
            '' AS reference, '' AS idempotency_key, '' AS first_message_id, '' AS message_class, '' AS lane,
            '' AS country, '' AS network, '' AS number_prefix, '' AS sender, '' AS campaign_id, '' AS template_id,
            0 AS template_version, '' AS encoding, 0 AS segment_count, '' AS submitted_topic,
            0 AS submitted_partition, -1 AS submitted_offset, 0 AS price_micros, '' AS currency,
            0 AS charge_micros, 0 AS cost_micros, '' AS cost_currency, 0 AS is_deferral, no_state AS state,
            no_route AS route, (toUInt8(3), t.attempt, t.part) AS part_news, no_time AS received_at,
            no_time AS accepted_at, no_time AS routed_at, no_time AS dispatched_at, no_time AS submitted_at,
            no_time AS acknowledged_at, no_time AS expires_at
        FROM sluice.submit_outcome_unknown AS t
        WHERE NOT _is_repeat AND NOT _is_foreign
        UNION ALL
        SELECT
            t.message_id AS message_id, t.account_id AS account_id, t.recipient_id AS recipient_id,
            '' AS reference, '' AS idempotency_key, '' AS first_message_id, '' AS message_class, '' AS lane,
            '' AS country, '' AS network, '' AS number_prefix, '' AS sender, '' AS campaign_id, '' AS template_id,
            0 AS template_version, '' AS encoding, 0 AS segment_count, '' AS submitted_topic,
            0 AS submitted_partition, -1 AS submitted_offset, 0 AS price_micros, '' AS currency,
            0 AS charge_micros, 0 AS cost_micros, '' AS cost_currency, 0 AS is_deferral, no_state AS state,
            no_route AS route,
            (multiIf(t.state = 'delivered', toUInt8(4), t.state IN ('intermediate', 'unknown'), 0, 5), t.attempt, t.part) AS part_news,
            no_time AS received_at, no_time AS accepted_at, no_time AS routed_at, no_time AS dispatched_at,
            no_time AS submitted_at, no_time AS acknowledged_at, no_time AS expires_at
        FROM sluice.receipts AS t
        UNION ALL
        SELECT
            t.message_id AS message_id, t.account_id AS account_id, t.recipient_id AS recipient_id,
            '' AS reference, '' AS idempotency_key, '' AS first_message_id, t.message_class AS message_class,
            '' AS lane, t.country AS country, t.network AS network, '' AS number_prefix, '' AS sender,
            t.campaign_id AS campaign_id, '' AS template_id, 0 AS template_version, '' AS encoding,
            0 AS segment_count, '' AS submitted_topic, 0 AS submitted_partition, -1 AS submitted_offset,
            0 AS price_micros, t.currency AS currency, t.charge_micros AS charge_micros,
            t.cost_micros AS cost_micros, t.cost_currency AS cost_currency, 0 AS is_deferral, no_state AS state,
            no_route AS route, no_news AS part_news, no_time AS received_at, no_time AS accepted_at,
            no_time AS routed_at, no_time AS dispatched_at, no_time AS submitted_at, no_time AS acknowledged_at,
            no_time AS expires_at
        FROM sluice.usage_recorded AS t
        WHERE NOT _is_repeat AND NOT _is_foreign
    ) AS facts
    WHERE message_id != ''
    GROUP BY message_id
) AS known;
