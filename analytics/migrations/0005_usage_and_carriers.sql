-- usage: one row a billing event, amounts in units of their currency.

CREATE OR REPLACE VIEW sluice.usage AS
SELECT
    message_id, account_id, t._timestamp AS at, occurred_at, event, carrier, attempt, release, part, smsc_id,
    message_class, country, network, sender, campaign_id,
    toDecimal128(charge_micros, 6) / 1000000 AS charge, currency,
    toDecimal128(cost_micros, 6) / 1000000 AS cost, cost_currency,
    control_offset, t._topic AS topic, t._partition AS partition, t._offset AS offset
FROM sluice.usage_recorded AS t
WHERE NOT _is_repeat AND NOT _is_foreign;

-- carrier_hourly: what each carrier did with the parts given to it, by the hour in which they went out.
-- A submit is one release of a part; an unknown outcome that an acknowledgement followed is no longer unknown.

CREATE OR REPLACE VIEW sluice.carrier_hourly AS
WITH CAST(NULL, 'Nullable(DateTime64(6, \'UTC\'))') AS no_time
SELECT
    toStartOfHour(assumeNotNull(coalesce(part_sent_at, part_known_at))) AS hour,
    carrier,
    part_country AS country,
    toInt64(sum(length(arrayDistinct(arrayConcat(accepted_in, refused_in, unknown_in))))) AS submits,
    toInt64(sum(length(accepted_in))) AS succeeded,
    toInt64(sum(length(refused_in))) AS failed,
    toInt64(sum(length(arrayFilter(r -> NOT has(accepted_in, r) AND NOT has(refused_in, r), unknown_in)))) AS unknown,
    toInt64(countIf(is_delivered)) AS delivered,
    toInt64(countIf(is_undelivered AND NOT is_delivered)) AS failed_receipts,
    if(succeeded = 0, NULL, delivered / succeeded) AS delivery_rate,
    if(countIf(receipt_ms IS NOT NULL) = 0, NULL, quantileExact(0.5)(receipt_ms)) AS p50_receipt_ms,
    if(countIf(receipt_ms IS NOT NULL) = 0, NULL, quantileExact(0.95)(receipt_ms)) AS p95_receipt_ms
FROM
(
    SELECT
        message_id, attempt, part, carrier,
        max(facts.country) AS part_country,
        min(facts.sent_at) AS part_sent_at,
        min(facts.known_at) AS part_known_at,
        arraySort(groupUniqArrayIf(facts.release, facts.news = 'accepted')) AS accepted_in,
        arraySort(groupUniqArrayIf(facts.release, facts.news = 'refused')) AS refused_in,
        arraySort(groupUniqArrayIf(facts.release, facts.news = 'unknown')) AS unknown_in,
        countIf(facts.news = 'delivered') > 0 AS is_delivered,
        countIf(facts.news = 'undelivered') > 0 AS is_undelivered,
        if(part_sent_at IS NULL OR min(facts.receipt_at) IS NULL, NULL,
           greatest(0, dateDiff('millisecond', part_sent_at, min(facts.receipt_at)))) AS receipt_ms
    FROM
    (
        SELECT
            message_id, attempt, arrayJoin(parts) AS part, carrier, release, 'leased' AS news, country,
            no_time AS sent_at, no_time AS known_at, no_time AS receipt_at
        FROM sluice.dispatch_message
        WHERE NOT _is_repeat AND NOT _is_foreign
        UNION ALL
        SELECT
            message_id, attempt, part, carrier, release, 'accepted' AS news, '' AS country,
            t.sent_at AS sent_at, t.occurred_at AS known_at, no_time AS receipt_at
        FROM sluice.submit_succeeded AS t
        WHERE NOT _is_repeat AND NOT _is_foreign
        UNION ALL
        SELECT
            message_id, attempt, part, carrier, release, 'refused' AS news, '' AS country,
            nullIf(t.sent_at, toDateTime64(0, 6, 'UTC')) AS sent_at, t.occurred_at AS known_at, no_time AS receipt_at
        FROM sluice.submit_failed AS t
        WHERE NOT _is_repeat AND NOT _is_foreign
        UNION ALL
        SELECT
            message_id, attempt, part, carrier, release, 'unknown' AS news, '' AS country,
            no_time AS sent_at, t.occurred_at AS known_at, no_time AS receipt_at
        FROM sluice.submit_outcome_unknown AS t
        WHERE NOT _is_repeat AND NOT _is_foreign
        UNION ALL
        SELECT
            message_id, attempt, part, carrier, 0 AS release,
            if(state = 'delivered', 'delivered', 'undelivered') AS news, '' AS country,
            no_time AS sent_at, no_time AS known_at, t.occurred_at AS receipt_at
        FROM sluice.receipts AS t
        WHERE state NOT IN ('intermediate', 'unknown')
    ) AS facts
    GROUP BY message_id, attempt, part, carrier
    HAVING part_known_at IS NOT NULL
) AS parts_sent
GROUP BY hour, carrier, country;
