-- The plainest SQL that writes what the first reconciliation writes, on the same tables: what that is measured by.
-- It knows the law only as far as the synthetic country needs it: built-in rules, the roles team, ordinary, principal
-- and authority, posts in committees that stood before the first talk. No versions of organisations, no waivers, no
-- external talkers, no liaison or leader as a role. In: the table `rule`, the day `today`, the year `first_year`.

CREATE FUNCTION pg_temp.in_force(since date, until date, day date) RETURNS boolean IMMUTABLE LANGUAGE sql AS
    'SELECT coalesce(since <= day, true) AND coalesce(day < until, true)';

-- The tree.
CREATE TEMP TABLE line AS
SELECT o.id AS organisation, step.id::bigint AS above, (o.depth - step.place)::int AS distance
FROM (SELECT id, path, array_length(string_to_array(trim('/' FROM path), '/'), 1) AS depth
      FROM branches_organisation) o,
     string_to_table(trim('/' FROM o.path), '/') WITH ORDINALITY AS step (id, place);
CREATE INDEX ON line (organisation, distance);
ANALYZE line;

-- Anchors with their windows.
CREATE TEMP TABLE anchor AS
SELECT row_number() OVER () AS number, found.*, rule.*,
       CASE WHEN happened_on IS NULL THEN least(%(today)s, due_on) ELSE opens_on END AS ref
FROM rule JOIN LATERAL (
    SELECT organisation_id, 'meeting:' || kind || ':' || year AS anchor, year::int AS year, meeting_on AS day,
           coalesce(talks_from, meeting_on - 30) AS opens_on, meeting_on - 1 AS due_on,
           NULL::bigint AS member_id, NULL::date AS happened_on
    FROM talks_meeting WHERE rule.trigger = 'meeting' AND kind = ANY (rule.kinds)
    UNION ALL
    SELECT o.id, 'period:' || year, year, make_date(year, 1, 1), make_date(year, 1, 1),
           make_date(year, 12, 31), NULL, NULL
    FROM branches_organisation o, generate_series(%(first_year)s, extract(year FROM %(today)s)::int) AS year
    WHERE rule.trigger = 'period'
    UNION ALL
    SELECT a.organisation_id, 'event:' || e.code, extract(year FROM e.known_on)::int, e.known_on, e.known_on,
           CASE WHEN rule.working THEN (
               SELECT next::date FROM generate_series(e.known_on + 1, e.known_on + 60, interval '1 day') next
               LEFT JOIN branches_workingday w ON w.day = next::date
               WHERE coalesce(w.is_working, extract(isodow FROM next) < 6)
               ORDER BY 1 OFFSET rule.days - 1 LIMIT 1)
           ELSE e.known_on + rule.days END, e.member_id, e.happened_on
    FROM members_event e JOIN members_affiliation a ON a.member_id = e.member_id
        AND pg_temp.in_force(a.since, a.until, e.known_on)
    WHERE rule.trigger = 'event' AND e.kind = ANY (rule.kinds)
) found ON true JOIN branches_organisation o ON o.id = found.organisation_id
WHERE o.kind = ANY (rule.applies_to) AND opens_on <= %(today)s
    AND rule.effective_from <= day AND coalesce(day < rule.effective_to, true)
    AND coalesce(day < o.dissolved, true) AND coalesce(due_on >= o.established, true);
ANALYZE anchor;

-- Who owes. `place`: where those in the role are looked for first.
CREATE TEMP TABLE owed AS
WITH party_member AS (
    SELECT id, code, joined_on FROM members_member WHERE category IN ('正式党员', '预备党员')
), ordinary AS (
    SELECT anchor.number, anchor.pairing, m.id, m.code, count(*) OVER (PARTITION BY anchor.number) AS together
    FROM anchor JOIN members_affiliation a ON a.organisation_id = anchor.organisation_id
        AND pg_temp.in_force(a.since, a.until, anchor.ref)
    JOIN party_member m ON m.id = a.member_id AND coalesce(m.joined_on <= anchor.ref, true)
    WHERE anchor.pairing IN ('committee-member', 'member-member') AND NOT EXISTS (
        SELECT FROM members_post p WHERE p.organisation_id = anchor.organisation_id AND p.is_team
            AND p.member_id = m.id AND pg_temp.in_force(p.since, p.until, anchor.ref))
), team AS (
    SELECT anchor.number, m.id, m.code, bool_or(p.is_principal) AS leads
    FROM anchor JOIN members_post p ON p.organisation_id = anchor.organisation_id AND p.is_team
        AND pg_temp.in_force(p.since, p.until, anchor.ref)
    JOIN members_member m ON m.id = p.member_id
    WHERE anchor.trigger <> 'event'
    GROUP BY anchor.number, m.id, m.code
), owing AS (
    SELECT anchor.number, other.id AS subject_id, one.id AS counterpart_id, one.code || '+' || other.code AS persons,
           CASE WHEN other.leads AND NOT one.leads THEN other.id ELSE one.id END AS responsible
    FROM anchor JOIN team one USING (number) JOIN team other USING (number)
    WHERE one.code < other.code AND (anchor.pairing = 'committee-committee'
        OR anchor.pairing = 'principal-team' AND (one.leads OR other.leads)
        OR anchor.pairing = 'team-team' AND NOT (one.leads OR other.leads))
    UNION ALL
    SELECT DISTINCT ON (anchor.number, least(leader.code, head.code), greatest(leader.code, head.code))
           anchor.number, CASE WHEN leader.code < head.code THEN head.id ELSE leader.id END,
           CASE WHEN leader.code < head.code THEN leader.id ELSE head.id END,
           least(leader.code, head.code) || '+' || greatest(leader.code, head.code), leader.id
    FROM anchor JOIN branches_department d ON d.organisation_id = anchor.organisation_id
    JOIN members_portfolio f ON f.department_id = d.id AND pg_temp.in_force(f.since, f.until, anchor.ref)
    JOIN team leader ON leader.number = anchor.number AND leader.id = f.member_id
    JOIN members_post p ON p.department_id = d.id AND p.is_head AND pg_temp.in_force(p.since, p.until, anchor.ref)
    JOIN members_member head ON head.id = p.member_id AND head.id <> leader.id
    WHERE anchor.pairing = 'team-heads'
    UNION ALL
    SELECT number, id, NULL, code, NULL FROM ordinary WHERE pairing = 'committee-member' OR together > 1
    UNION ALL
    SELECT DISTINCT anchor.number, m.id, NULL::bigint, m.code, NULL::bigint
    FROM anchor JOIN members_post p ON p.organisation_id = anchor.organisation_id AND p.is_key
        AND pg_temp.in_force(p.since, p.until, anchor.ref)
    JOIN party_member m ON m.id = p.member_id AND coalesce(m.joined_on <= anchor.ref, true)
    WHERE anchor.pairing = 'key-post'
    UNION ALL
    SELECT anchor.number, m.id, NULL, m.code, NULL
    FROM anchor JOIN members_member m ON m.id = anchor.member_id
    WHERE anchor.pairing = 'candidate' OR anchor.pairing = 'event'
        AND m.category IN ('正式党员', '预备党员') AND coalesce(m.joined_on <= anchor.ref, true)
)
SELECT row_number() OVER () AS id, owing.*, anchor.organisation_id, anchor.version, anchor.rule, anchor.anchor,
       anchor.year, anchor.opens_on, anchor.due_on, anchor.trigger = 'event' AS is_event, anchor.one_to_one,
       CASE WHEN owing.counterpart_id IS NULL THEN anchor.role ELSE '' END AS role,
       CASE WHEN anchor.role = 'authority' THEN coalesce((
           SELECT o.id FROM members_post p JOIN branches_organisation o ON o.id = p.organisation_id
           WHERE p.member_id = owing.subject_id AND (p.is_team OR p.is_head) AND o.kind NOT LIKE '%%支部'
           ORDER BY length(o.path) - length(replace(o.path, '/', '')), o.code LIMIT 1
       ), anchor.organisation_id) ELSE anchor.organisation_id END AS place
FROM anchor JOIN owing USING (number);
CREATE INDEX ON owed (subject_id);
ANALYZE owed;

-- The talks that may meet it, and the first that does, held or booked.
CREATE TEMP TABLE talk AS
SELECT t.id, t.code, t.held_on, t.state <> '计划' AS counts,
       count(*) FILTER (WHERE p.side = 'talker') = 1 AND count(*) FILTER (WHERE p.side = 'subject') = 1
           AS one_to_one
FROM talks_talk t JOIN talks_participant p ON p.talk_id = t.id
WHERE t.state IN ('已记录', '已确认', '办结') AND t.held_on <= %(today)s
    OR t.state = '计划' AND t.held_on >= %(today)s
GROUP BY t.id;
CREATE UNIQUE INDEX ON talk (id);
ANALYZE talk;

CREATE TEMP TABLE met AS
SELECT DISTINCT ON (owed.id, talk.counts) owed.id, talk.id AS talk_id, talk.held_on, talk.counts
FROM owed JOIN talks_participant me ON me.member_id = owed.subject_id
JOIN talk ON talk.id = me.talk_id AND talk.held_on >= owed.opens_on
    AND (owed.is_event OR talk.held_on <= owed.due_on) AND (talk.one_to_one OR NOT owed.one_to_one)
JOIN talks_participant you ON you.talk_id = talk.id AND you.side <> me.side
WHERE CASE WHEN owed.counterpart_id IS NOT NULL THEN you.member_id = owed.counterpart_id
WHEN owed.role = 'ordinary' THEN EXISTS (
    SELECT FROM members_affiliation a JOIN members_member m ON m.id = a.member_id
    WHERE a.member_id = you.member_id AND a.organisation_id = owed.organisation_id
        AND pg_temp.in_force(a.since, a.until, talk.held_on)
        AND m.category IN ('正式党员', '预备党员') AND coalesce(m.joined_on <= talk.held_on, true))
    AND NOT EXISTS (
    SELECT FROM members_post p WHERE p.member_id = you.member_id AND p.organisation_id = owed.organisation_id
        AND p.is_team AND pg_temp.in_force(p.since, p.until, talk.held_on))
ELSE EXISTS (
    SELECT FROM members_post p WHERE p.member_id = you.member_id AND p.is_team
        AND (p.is_principal OR owed.role = 'team') AND pg_temp.in_force(p.since, p.until, talk.held_on)
        AND p.organisation_id = (
            SELECT line.above FROM line JOIN members_post other ON other.organisation_id = line.above
                AND other.is_team AND (other.is_principal OR owed.role = 'team')
                AND pg_temp.in_force(other.since, other.until, talk.held_on)
                AND other.member_id <> owed.subject_id
            WHERE line.organisation = owed.place AND (line.distance > 0 OR NOT EXISTS (
                SELECT FROM members_post own WHERE own.member_id = owed.subject_id
                    AND own.organisation_id = owed.place AND own.is_principal
                    AND pg_temp.in_force(own.since, own.until, talk.held_on)))
            ORDER BY line.distance LIMIT 1))
END
ORDER BY owed.id, talk.counts, talk.held_on, talk.code;
CREATE INDEX ON met (id);
ANALYZE met;

-- Who is in the role today, and whom reminders reach first.
CREATE TEMP TABLE ranked AS
WITH grouped AS (
    SELECT organisation_id, 'team' AS "group", member_id FROM members_post p
    WHERE is_team AND pg_temp.in_force(p.since, p.until, %(today)s)
    UNION SELECT organisation_id, 'principal', member_id FROM members_post p
    WHERE is_principal AND pg_temp.in_force(p.since, p.until, %(today)s)
    UNION SELECT a.organisation_id, 'ordinary', a.member_id FROM members_affiliation a
    JOIN members_member m ON m.id = a.member_id AND m.category IN ('正式党员', '预备党员')
        AND coalesce(m.joined_on <= %(today)s, true)
    WHERE pg_temp.in_force(a.since, a.until, %(today)s) AND NOT EXISTS (
        SELECT FROM members_post p WHERE p.member_id = a.member_id AND p.organisation_id = a.organisation_id
            AND p.is_team AND pg_temp.in_force(p.since, p.until, %(today)s))
), leads AS (
    SELECT line.organisation, p.member_id, min(line.distance) AS distance
    FROM line JOIN members_post p ON p.organisation_id = line.above AND p.is_principal
        AND pg_temp.in_force(p.since, p.until, %(today)s)
    GROUP BY 1, 2
)
SELECT grouped.*, m.code, leads.distance
FROM grouped JOIN members_member m ON m.id = grouped.member_id
LEFT JOIN leads ON leads.organisation = grouped.organisation_id AND leads.member_id = grouped.member_id;
CREATE INDEX ON ranked (organisation_id, "group", distance, code);
CREATE INDEX ON ranked (member_id, organisation_id, "group");
ANALYZE ranked;

CREATE TEMP TABLE responsible AS
SELECT holding.*, coalesce((
    SELECT ranked.member_id FROM members_liaison l JOIN ranked ON ranked.member_id = l.committee_member_id
        AND ranked.organisation_id = holding.at AND ranked."group" = holding."group"
    WHERE l.member_id = holding.subject_id AND pg_temp.in_force(l.since, l.until, %(today)s)
    ORDER BY ranked.code LIMIT 1), (
    SELECT ranked.member_id FROM ranked WHERE ranked.organisation_id = holding.at
        AND ranked."group" = holding."group" AND ranked.member_id <> holding.subject_id
    ORDER BY ranked.distance, ranked.code LIMIT 1)) AS member
FROM (
    SELECT owed.*, CASE owed.role WHEN 'authority' THEN 'principal' ELSE owed.role END AS "group",
        CASE WHEN owed.role = 'ordinary' THEN owed.organisation_id ELSE (
            SELECT line.above FROM line JOIN members_post other ON other.organisation_id = line.above
                AND other.is_team AND (other.is_principal OR owed.role = 'team')
                AND pg_temp.in_force(other.since, other.until, %(today)s)
                AND other.member_id <> owed.subject_id
            WHERE line.organisation = owed.place AND (line.distance > 0 OR NOT EXISTS (
                SELECT FROM members_post own WHERE own.member_id = owed.subject_id
                    AND own.organisation_id = owed.place AND own.is_principal
                    AND pg_temp.in_force(own.since, own.until, %(today)s)))
            ORDER BY line.distance LIMIT 1) END AS at
    FROM (SELECT DISTINCT organisation_id, subject_id, role, place FROM owed WHERE role <> '') owed
) holding;
CREATE INDEX ON responsible (subject_id);
ANALYZE responsible;

INSERT INTO talks_duty (organisation_id, version, rule, anchor, persons, year, is_event, subject_id,
    counterpart_id, role, "group", group_at_id, opens_on, due_on, responsible_id, responsible_at_id,
    met_by_id, met_on, planned_id, planned_on, waived_on, withdrawn_on, withdrawal)
SELECT owed.organisation_id, owed.version, owed.rule, owed.anchor, owed.persons, owed.year, owed.is_event,
    owed.subject_id, owed.counterpart_id, owed.role,
    CASE WHEN responsible.member IS NULL THEN '' ELSE responsible."group" END,
    CASE WHEN responsible.member IS NULL THEN NULL ELSE responsible.at END,
    owed.opens_on, owed.due_on, coalesce(owed.responsible, responsible.member), NULL,
    met.talk_id, met.held_on, planned.talk_id, planned.held_on, NULL, NULL, ''
FROM owed
LEFT JOIN responsible ON responsible.subject_id = owed.subject_id
    AND responsible.organisation_id = owed.organisation_id AND responsible.role = owed.role
LEFT JOIN met ON met.id = owed.id AND met.counts
LEFT JOIN met planned ON planned.id = owed.id AND NOT planned.counts AND met.id IS NULL
ORDER BY owed.organisation_id, owed.version, owed.anchor;
