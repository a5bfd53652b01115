SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

SET default_tablespace = '';

SET default_table_access_method = heap;

CREATE TABLE public._sqlx_migrations (
    version bigint NOT NULL,
    description text NOT NULL,
    installed_on timestamp with time zone DEFAULT now() NOT NULL,
    success boolean NOT NULL,
    checksum bytea NOT NULL,
    execution_time bigint NOT NULL
);

CREATE TABLE public.access_key (
    id text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    hash text NOT NULL COLLATE pg_catalog."C",
    agent_id text,
    read_only boolean NOT NULL,
    repos text,
    created_at bigint NOT NULL,
    expires_at bigint,
    revoked_at bigint,
    CONSTRAINT access_key_hash_check CHECK ((length(hash) = 64))
);

CREATE TABLE public.allowed_repo (
    key text NOT NULL COLLATE pg_catalog."C",
    repo_id bigint NOT NULL
);

CREATE TABLE public.claim (
    n bigint NOT NULL,
    claim_id text NOT NULL COLLATE pg_catalog."C",
    repo_id bigint NOT NULL,
    number bigint NOT NULL,
    agent_id text NOT NULL COLLATE pg_catalog."C",
    principal text NOT NULL COLLATE pg_catalog."C",
    title text NOT NULL,
    labels text NOT NULL,
    assignees text NOT NULL,
    status text NOT NULL COLLATE pg_catalog."C",
    before_stale text,
    claimed_at bigint NOT NULL,
    last_updated bigint NOT NULL,
    pr_url text,
    pull_repo_id bigint,
    pull_number bigint,
    notice text,
    pull_notice text,
    github_closed_at bigint,
    link text,
    CONSTRAINT claim_before_stale_check CHECK ((before_stale = ANY (ARRAY['claimed'::text, 'in_progress'::text, 'pr_submitted'::text, 'pr_merged'::text]))),
    CONSTRAINT claim_number_check CHECK ((number > 0)),
    CONSTRAINT claim_status_check CHECK ((status = ANY (ARRAY['claimed'::text, 'in_progress'::text, 'pr_submitted'::text, 'pr_merged'::text, 'closed'::text, 'released'::text, 'stale'::text])))
);

ALTER TABLE public.claim ALTER COLUMN n ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.claim_n_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.claim_status (
    claim_n bigint NOT NULL,
    n bigint NOT NULL,
    status text NOT NULL,
    "timestamp" bigint NOT NULL,
    note text
);

CREATE TABLE public.delivery (
    id text NOT NULL COLLATE pg_catalog."C",
    delivery_id text,
    event text NOT NULL,
    auth text NOT NULL,
    received_at bigint NOT NULL,
    processed_at bigint,
    attempts bigint NOT NULL,
    error text,
    body bytea
);

CREATE TABLE public.event (
    seq bigint NOT NULL,
    kind text NOT NULL,
    at bigint NOT NULL,
    principal text NOT NULL,
    body text NOT NULL
);

CREATE TABLE public.followup (
    work_item_id text NOT NULL COLLATE pg_catalog."C",
    repo_id bigint NOT NULL,
    number bigint NOT NULL,
    pr_url text NOT NULL,
    pr_title text NOT NULL,
    kind bigint NOT NULL,
    status text NOT NULL COLLATE pg_catalog."C",
    created_at bigint NOT NULL,
    last_updated bigint NOT NULL,
    owner text COLLATE pg_catalog."C",
    claimed_at bigint,
    done_at bigint,
    dismiss_reason text,
    window_from bigint NOT NULL,
    concerns text,
    CONSTRAINT followup_check CHECK (((status <> ALL (ARRAY['claimed'::text, 'in_progress'::text])) OR (owner IS NOT NULL))),
    CONSTRAINT followup_kind_check CHECK (((kind >= 0) AND (kind <= 2))),
    CONSTRAINT followup_number_check CHECK ((number > 0)),
    CONSTRAINT followup_status_check CHECK ((status = ANY (ARRAY['queued'::text, 'claimed'::text, 'in_progress'::text, 'done'::text, 'dismissed'::text, 'stale'::text])))
);

CREATE TABLE public.followup_source (
    source_event_id text NOT NULL COLLATE pg_catalog."C",
    repo_id bigint NOT NULL,
    number bigint NOT NULL,
    work_item_id text COLLATE pg_catalog."C",
    n bigint,
    ended text,
    data text,
    facts text,
    CONSTRAINT followup_source_number_check CHECK ((number > 0))
);

CREATE TABLE public.followup_status (
    work_item_id text NOT NULL COLLATE pg_catalog."C",
    n bigint NOT NULL,
    status text NOT NULL,
    "timestamp" bigint NOT NULL,
    note text
);

CREATE TABLE public.idempotency (
    principal text NOT NULL COLLATE pg_catalog."C",
    key text NOT NULL COLLATE pg_catalog."C",
    request text NOT NULL,
    answer text NOT NULL,
    at bigint NOT NULL
);

CREATE TABLE public.issue (
    repo_id bigint NOT NULL,
    number bigint NOT NULL,
    rank bigint NOT NULL,
    state text NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    checked_at bigint NOT NULL,
    doubt text,
    doubt_at bigint,
    title text NOT NULL,
    labels text NOT NULL,
    assignees text NOT NULL,
    milestone_number bigint,
    milestone_title text,
    author text,
    url text NOT NULL,
    etag text,
    body text NOT NULL,
    doubt_detail text,
    CONSTRAINT issue_check CHECK (((doubt IS NULL) = (doubt_at IS NULL))),
    CONSTRAINT issue_doubt_check CHECK ((doubt = ANY (ARRAY['not_found'::text, 'gone'::text, 'moved'::text, 'called_closed'::text, 'closing'::text]))),
    CONSTRAINT issue_doubt_detail_check CHECK ((doubt_detail = 'close_failed'::text)),
    CONSTRAINT issue_number_check CHECK ((number > 0)),
    CONSTRAINT issue_rank_check CHECK (((rank >= 0) AND (rank <= 3))),
    CONSTRAINT issue_state_check CHECK ((state = ANY (ARRAY['open'::text, 'closed'::text])))
);

CREATE TABLE public.issue_tag (
    repo_id bigint NOT NULL,
    number bigint NOT NULL,
    tag text NOT NULL COLLATE pg_catalog."C"
);

CREATE TABLE public.lease (
    name text NOT NULL COLLATE pg_catalog."C",
    holder text NOT NULL,
    epoch bigint NOT NULL,
    until bigint NOT NULL
);

CREATE TABLE public.meta (
    id bigint NOT NULL,
    last_now bigint DEFAULT 0 NOT NULL,
    trimmed_claims bigint DEFAULT 0 NOT NULL,
    last_sync bigint,
    priority_source text,
    last_event bigint DEFAULT 0 NOT NULL,
    database_id text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    writes bigint DEFAULT 0 NOT NULL,
    clock text,
    CONSTRAINT meta_id_check CHECK ((id = 1))
);

CREATE TABLE public.open_pull (
    repo_id bigint NOT NULL,
    number bigint NOT NULL,
    CONSTRAINT open_pull_number_check CHECK ((number > 0))
);

CREATE TABLE public.outbox (
    id text NOT NULL COLLATE pg_catalog."C",
    write text NOT NULL,
    claim_id text NOT NULL,
    attempts bigint NOT NULL,
    due bigint NOT NULL,
    error text
);

CREATE TABLE public.pr_hold (
    repo_id bigint NOT NULL,
    number bigint NOT NULL,
    agent_id text NOT NULL COLLATE pg_catalog."C"
);

CREATE TABLE public.pull_closes (
    repo_id bigint NOT NULL,
    number bigint NOT NULL,
    issue bigint NOT NULL,
    candidate boolean NOT NULL,
    CONSTRAINT pull_closes_issue_check CHECK ((issue > 0)),
    CONSTRAINT pull_closes_number_check CHECK ((number > 0))
);

CREATE TABLE public.pull_request (
    repo_id bigint NOT NULL,
    number bigint NOT NULL,
    pushed_at bigint,
    cut_at bigint,
    validators text NOT NULL,
    facts text NOT NULL,
    activity text,
    closing text,
    CONSTRAINT pull_request_number_check CHECK ((number > 0))
);

CREATE TABLE public.queue (
    rank bigint NOT NULL,
    created_at bigint NOT NULL,
    repo_id bigint NOT NULL,
    number bigint NOT NULL
);

CREATE TABLE public.repo (
    id bigint NOT NULL,
    github_id bigint NOT NULL,
    name text NOT NULL COLLATE pg_catalog."C",
    key text NOT NULL COLLATE pg_catalog."C",
    url text NOT NULL,
    description text,
    private boolean NOT NULL,
    archived boolean NOT NULL,
    open_count bigint NOT NULL,
    offered boolean NOT NULL,
    synced_at bigint,
    polled_at bigint,
    watermark bigint,
    etag text,
    unseen boolean DEFAULT false NOT NULL,
    full_at bigint,
    count_gap bigint DEFAULT 0 NOT NULL,
    count_runs bigint DEFAULT 0 NOT NULL
);

CREATE TABLE public.repo_alias (
    key text NOT NULL COLLATE pg_catalog."C",
    repo_id bigint NOT NULL
);

CREATE TABLE public.sync_failure (
    subject text NOT NULL COLLATE pg_catalog."C",
    repo text COLLATE pg_catalog."C",
    number bigint,
    since bigint NOT NULL,
    reason text NOT NULL
);

INSERT INTO public._sqlx_migrations VALUES (1, 'claims', '2026-11-29 14:55:47.249487+00', true, '\x9e6345ba6153e87b033a8795d3d8306df78c930e84cbcadb5ded405a9a89861da426832b44a449ce1157b35f36ca348f', -1);
INSERT INTO public._sqlx_migrations VALUES (2, 'followups', '2026-11-29 14:55:47.249487+00', true, '\x66f0f4391dbb215bf6f68090876a81a28de20b9c97c278eeb07740de89a821087fbce7ba0f16e149301a8504c6207e1e', -1);
INSERT INTO public._sqlx_migrations VALUES (3, 'keys', '2026-11-29 14:55:47.249487+00', true, '\xbb6f1991285d3bada7effe40e92ce46742aede45313fb1ca884803c02ea4173e8fec9355b53028f28920605f8ab5087a', -1);
INSERT INTO public._sqlx_migrations VALUES (7, 'moves', '2026-11-29 14:55:47.249487+00', true, '\x6dd528a89d8a00411090a6a02cf93a7fb48575721bd2eca6aab94d4c582944934ee668f47784bb4f69ce1f3325231e6b', -1);
INSERT INTO public._sqlx_migrations VALUES (8, 'identity', '2026-11-29 14:55:47.249487+00', true, '\xaeac49a8df361e8fcaf709b7de857507ad34f7c515d8826554fe0d470060b5158edba4d9b9f502b2be18437b407de12c', -1);
INSERT INTO public._sqlx_migrations VALUES (9, 'feedback', '2026-11-29 14:55:47.249487+00', true, '\x0dca7192411ba43ad8c30baf247a2702a02515bae4a8586131710be0fb388c3aa2bb57470a59d78a2e3d7fda78cf0305', -1);
INSERT INTO public._sqlx_migrations VALUES (11, 'links', '2026-11-29 14:55:47.249487+00', true, '\x97ada1ec4b766c5a2ea8278235a8a18ea206d69202ba705bd9fcc32b26c59930a0187159fc85b104187245ccabaf1857', -1);
INSERT INTO public._sqlx_migrations VALUES (12, 'mirror', '2026-11-29 14:55:47.249487+00', true, '\xab37cfbafe7c705ecee8356ba58837cb618e4c075ef75c110856e926ddc3daf78de3bd7271057334773d32c13874b180', -1);
INSERT INTO public._sqlx_migrations VALUES (13, 'clock', '2026-11-29 14:55:47.249487+00', true, '\x54880e061987e11e93e28eeaae097b612b8229ce8fc3cccc2567ef1b761da0d3f2972aefd4acd3a275da5e35b8cc7cf1', -1);

INSERT INTO public.access_key VALUES ('key_8f50fd1fa435', 'ci', '5615d1ce095d77bd249a68e52a802dafe7ca90f34463a5394c11bd6439ae8283', 'ci-bot', false, '["acme/api"]', 1795964161853, NULL, NULL);
INSERT INTO public.access_key VALUES ('key_6c625379b5e0', 'old', 'db9e7166a8cf63eb830f2c3316f73791a12f1b358429876cf01098eaf1fece92', NULL, false, NULL, 1795964161945, NULL, 1795964162018);

INSERT INTO public.claim OVERRIDING SYSTEM VALUE VALUES (1, '4daadfa8-378c-4d15-bf06-1d752656ecf5', 1, 1, 'a1', 'api-key', 'I1', '["bug"]', '[]', 'pr_submitted', NULL, 1795964162036, 1795964163117, 'https://github.com/acme/api/pull/13', 1, 13, NULL, NULL, NULL, '{"v":1,"value":{"origin":"derived","followed":"opened","before":"claimed","replaces":null,"missing":false}}');
INSERT INTO public.claim OVERRIDING SYSTEM VALUE VALUES (3, 'a76750ff-1278-47de-8d56-3b007a40bcc3', 1, 3, 'a3', 'api-key', 'I3', '["bug"]', '[]', 'closed', NULL, 1795964166432, 1795964169700, 'https://github.com/acme/api/pull/14', 1, 14, NULL, NULL, 1795964169000, '{"v":1,"value":{"origin":"derived","followed":"merged","before":"claimed","replaces":null,"missing":false}}');
INSERT INTO public.claim OVERRIDING SYSTEM VALUE VALUES (4, '336ddadc-3c67-4657-a276-4087df21ed87', 1, 4, 'a4', 'api-key', 'I4', '["bug"]', '[]', 'released', NULL, 1795964169719, 1795964169729, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.claim OVERRIDING SYSTEM VALUE VALUES (2, '6ded3e5e-1231-4a22-954c-15867b0001de', 1, 2, 'a2', 'api-key', 'I2', '["bug"]', '[]', 'stale', 'in_progress', 1795964166413, 1795964237660, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.claim OVERRIDING SYSTEM VALUE VALUES (5, 'b38e0978-0acf-483d-b622-83d6a4b325ba', 1, 4, 'a9', 'api-key', 'I4', '["bug"]', '[]', 'stale', 'claimed', 1795964171907, 1795964237660, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.claim OVERRIDING SYSTEM VALUE VALUES (6, 'eca51c5e-7b4e-43f3-b06f-5c16da5a9ee0', 1, 6, 'a6', 'api-key', 'I6', '["bug"]', '[]', 'stale', 'claimed', 1795964171959, 1795964237660, NULL, NULL, NULL, 'GitHub answers 410 for this issue: it was deleted', NULL, NULL, NULL);
INSERT INTO public.claim OVERRIDING SYSTEM VALUE VALUES (7, 'd1dc6dde-febd-4cdf-81a8-ffe58d6f4493', 1, 8, 'a8', 'api-key', 'I8', '["bug"]', '[]', 'closed', NULL, 1795964248208, 1795964248273, 'https://github.com/acme/api/pull/15', 1, 15, NULL, NULL, NULL, '{"v":1,"value":{"origin":"agent","followed":"nothing","before":null,"replaces":null,"missing":false}}');

INSERT INTO public.claim_status VALUES (1, 0, 'claimed', 1795964162036, NULL);
INSERT INTO public.claim_status VALUES (1, 1, 'pr_submitted', 1795964163117, 'A pull request that closes the issue was opened');
INSERT INTO public.claim_status VALUES (2, 0, 'claimed', 1795964166413, NULL);
INSERT INTO public.claim_status VALUES (2, 1, 'in_progress', 1795964166423, 'on it');
INSERT INTO public.claim_status VALUES (3, 0, 'claimed', 1795964166432, NULL);
INSERT INTO public.claim_status VALUES (3, 1, 'pr_submitted', 1795964167503, 'A pull request that closes the issue was opened');
INSERT INTO public.claim_status VALUES (3, 2, 'pr_merged', 1795964169667, 'Its pull request was merged');
INSERT INTO public.claim_status VALUES (3, 3, 'closed', 1795964169700, 'The issue was closed on GitHub');
INSERT INTO public.claim_status VALUES (4, 0, 'claimed', 1795964169719, NULL);
INSERT INTO public.claim_status VALUES (4, 1, 'released', 1795964169729, 'no time');
INSERT INTO public.claim_status VALUES (5, 0, 'claimed', 1795964171907, NULL);
INSERT INTO public.claim_status VALUES (6, 0, 'claimed', 1795964171959, NULL);
INSERT INTO public.claim_status VALUES (2, 2, 'stale', 1795964237660, 'No sign of life for too long');
INSERT INTO public.claim_status VALUES (5, 1, 'stale', 1795964237660, 'No sign of life for too long');
INSERT INTO public.claim_status VALUES (6, 1, 'stale', 1795964237660, 'No sign of life for too long');
INSERT INTO public.claim_status VALUES (7, 0, 'claimed', 1795964248208, NULL);
INSERT INTO public.claim_status VALUES (7, 1, 'in_progress', 1795964248216, NULL);
INSERT INTO public.claim_status VALUES (7, 2, 'pr_submitted', 1795964248236, NULL);
INSERT INTO public.claim_status VALUES (7, 3, 'pr_merged', 1795964248256, NULL);
INSERT INTO public.claim_status VALUES (7, 4, 'closed', 1795964248273, NULL);

INSERT INTO public.delivery VALUES ('9e3779b9-7f4a-4000-8001-7f4a7c150000', '9e3779b9-7f4a-4000-8001-7f4a7c150000', 'issues', 'signature', 1795964149831, 1795964149831, 0, NULL, NULL);
INSERT INTO public.delivery VALUES ('3c6ef372-fe94-4000-8002-fe94f82a0000', '3c6ef372-fe94-4000-8002-fe94f82a0000', 'issues', 'signature', 1795964150951, 1795964150951, 0, NULL, NULL);
INSERT INTO public.delivery VALUES ('daa66d2c-7ddf-4000-8003-7ddf743f0000', 'daa66d2c-7ddf-4000-8003-7ddf743f0000', 'issues', 'signature', 1795964152046, 1795964152046, 0, NULL, NULL);
INSERT INTO public.delivery VALUES ('78dde6e5-fd29-4000-8004-fd29f0540000', '78dde6e5-fd29-4000-8004-fd29f0540000', 'issues', 'signature', 1795964153153, 1795964153153, 0, NULL, NULL);
INSERT INTO public.delivery VALUES ('1715609f-7c74-4000-8005-7c746c690000', '1715609f-7c74-4000-8005-7c746c690000', 'issues', 'signature', 1795964154238, 1795964154238, 0, NULL, NULL);
INSERT INTO public.delivery VALUES ('b54cda58-fbbe-4000-8006-fbbee87e0000', 'b54cda58-fbbe-4000-8006-fbbee87e0000', 'issues', 'signature', 1795964155313, 1795964155313, 0, NULL, NULL);
INSERT INTO public.delivery VALUES ('53845412-7b09-4000-8007-7b0964930000', '53845412-7b09-4000-8007-7b0964930000', 'issues', 'signature', 1795964156395, 1795964156395, 0, NULL, NULL);
INSERT INTO public.delivery VALUES ('f1bbcdcb-fa53-4000-8008-fa53e0a80000', 'f1bbcdcb-fa53-4000-8008-fa53e0a80000', 'issues', 'signature', 1795964157470, 1795964157470, 0, NULL, NULL);
INSERT INTO public.delivery VALUES ('8ff34785-799e-4000-8009-799e5cbd0000', '8ff34785-799e-4000-8009-799e5cbd0000', 'issues', 'signature', 1795964158548, 1795964158548, 0, NULL, NULL);
INSERT INTO public.delivery VALUES ('2e2ac13e-f8e8-4000-800a-f8e8d8d20000', '2e2ac13e-f8e8-4000-800a-f8e8d8d20000', 'issues', 'signature', 1795964159622, 1795964159622, 0, NULL, NULL);
INSERT INTO public.delivery VALUES ('cc623af8-7833-4000-800b-783354e70000', 'cc623af8-7833-4000-800b-783354e70000', 'issues', 'signature', 1795964160698, 1795964160698, 0, NULL, NULL);
INSERT INTO public.delivery VALUES ('6a99b4b1-f77d-4000-800c-f77dd0fc0000', '6a99b4b1-f77d-4000-800c-f77dd0fc0000', 'issues', 'signature', 1795964161774, 1795964161774, 0, NULL, NULL);
INSERT INTO public.delivery VALUES ('08d12e6b-76c8-4000-800d-76c84d110000', '08d12e6b-76c8-4000-800d-76c84d110000', 'pull_request', 'signature', 1795964163117, 1795964163117, 0, NULL, NULL);
INSERT INTO public.delivery VALUES ('a708a824-f612-4000-800e-f612c9260000', 'a708a824-f612-4000-800e-f612c9260000', 'pull_request_review', 'signature', 1795964164208, 1795964164208, 0, NULL, NULL);
INSERT INTO public.delivery VALUES ('454021de-755d-4000-800f-755d453b0000', '454021de-755d-4000-800f-755d453b0000', 'pull_request_review', 'signature', 1795964165299, 1795964165299, 0, NULL, NULL);
INSERT INTO public.delivery VALUES ('e3779b97-f4a7-4000-8010-f4a7c1500000', 'e3779b97-f4a7-4000-8010-f4a7c1500000', 'pull_request_review_comment', 'signature', 1795964165317, 1795964165317, 0, NULL, NULL);
INSERT INTO public.delivery VALUES ('81af1551-73f2-4000-8011-73f23d650000', '81af1551-73f2-4000-8011-73f23d650000', 'issue_comment', 'signature', 1795964166399, 1795964166399, 0, NULL, NULL);
INSERT INTO public.delivery VALUES ('1fe68f0a-f33c-4000-8012-f33cb97a0000', '1fe68f0a-f33c-4000-8012-f33cb97a0000', 'pull_request', 'signature', 1795964167503, 1795964167503, 0, NULL, NULL);
INSERT INTO public.delivery VALUES ('be1e08c4-7287-4000-8013-7287358f0000', 'be1e08c4-7287-4000-8013-7287358f0000', 'issue_comment', 'signature', 1795964168581, 1795964168581, 0, NULL, NULL);
INSERT INTO public.delivery VALUES ('5c55827d-f1d1-4000-8014-f1d1b1a40000', '5c55827d-f1d1-4000-8014-f1d1b1a40000', 'pull_request', 'signature', 1795964169667, 1795964169667, 0, NULL, NULL);
INSERT INTO public.delivery VALUES ('fa8cfc37-711c-4000-8015-711c2db90000', 'fa8cfc37-711c-4000-8015-711c2db90000', 'issues', 'signature', 1795964169700, 1795964169700, 0, NULL, NULL);
INSERT INTO public.delivery VALUES ('98c475f0-f066-4000-8016-f066a9ce0000', '98c475f0-f066-4000-8016-f066a9ce0000', 'pull_request', 'signature', 1795964170806, 1795964170806, 0, NULL, NULL);
INSERT INTO public.delivery VALUES ('36fbefaa-6fb1-4000-8017-6fb125e30000', '36fbefaa-6fb1-4000-8017-6fb125e30000', 'issue_comment', 'signature', 1795964171880, 1795964171880, 0, NULL, NULL);
INSERT INTO public.delivery VALUES ('d5336963-eefb-4000-8018-eefba1f80000', 'd5336963-eefb-4000-8018-eefba1f80000', 'issues', 'signature', 1795964173031, 1795964173031, 0, NULL, NULL);

INSERT INTO public.event VALUES (1, 'sync.reconciled', 1795964147854, 'system', '{"v":1,"details":{"Reconciled":{"repos_scanned":3,"open_issues_seen":0,"newly_opened_issues":0,"externally_closed_claims":0,"metadata_updates":0,"stale_marked":0,"stale_auto_released":0}}}');
INSERT INTO public.event VALUES (2, 'webhook.received', 1795964149831, 'system', '{"v":1,"repo":"acme/api","number":1,"details":{"Webhook":{"auth":"signature","event":"issues","delivery":"9e3779b9-7f4a-4000-8001-7f4a7c150000","answer":{"Taken":{"event":"issues","action":"opened","resolved":0}}}}}');
INSERT INTO public.event VALUES (3, 'webhook.received', 1795964150951, 'system', '{"v":1,"repo":"acme/api","number":2,"details":{"Webhook":{"auth":"signature","event":"issues","delivery":"3c6ef372-fe94-4000-8002-fe94f82a0000","answer":{"Taken":{"event":"issues","action":"opened","resolved":0}}}}}');
INSERT INTO public.event VALUES (4, 'webhook.received', 1795964152046, 'system', '{"v":1,"repo":"acme/api","number":3,"details":{"Webhook":{"auth":"signature","event":"issues","delivery":"daa66d2c-7ddf-4000-8003-7ddf743f0000","answer":{"Taken":{"event":"issues","action":"opened","resolved":0}}}}}');
INSERT INTO public.event VALUES (5, 'webhook.received', 1795964153153, 'system', '{"v":1,"repo":"acme/api","number":4,"details":{"Webhook":{"auth":"signature","event":"issues","delivery":"78dde6e5-fd29-4000-8004-fd29f0540000","answer":{"Taken":{"event":"issues","action":"opened","resolved":0}}}}}');
INSERT INTO public.event VALUES (6, 'webhook.received', 1795964154238, 'system', '{"v":1,"repo":"acme/api","number":5,"details":{"Webhook":{"auth":"signature","event":"issues","delivery":"1715609f-7c74-4000-8005-7c746c690000","answer":{"Taken":{"event":"issues","action":"opened","resolved":0}}}}}');
INSERT INTO public.event VALUES (7, 'webhook.received', 1795964155313, 'system', '{"v":1,"repo":"acme/api","number":6,"details":{"Webhook":{"auth":"signature","event":"issues","delivery":"b54cda58-fbbe-4000-8006-fbbee87e0000","answer":{"Taken":{"event":"issues","action":"opened","resolved":0}}}}}');
INSERT INTO public.event VALUES (8, 'webhook.received', 1795964156395, 'system', '{"v":1,"repo":"acme/api","number":7,"details":{"Webhook":{"auth":"signature","event":"issues","delivery":"53845412-7b09-4000-8007-7b0964930000","answer":{"Taken":{"event":"issues","action":"opened","resolved":0}}}}}');
INSERT INTO public.event VALUES (9, 'webhook.received', 1795964157470, 'system', '{"v":1,"repo":"acme/api","number":8,"details":{"Webhook":{"auth":"signature","event":"issues","delivery":"f1bbcdcb-fa53-4000-8008-fa53e0a80000","answer":{"Taken":{"event":"issues","action":"opened","resolved":0}}}}}');
INSERT INTO public.event VALUES (10, 'webhook.received', 1795964158548, 'system', '{"v":1,"repo":"acme/api","number":9,"details":{"Webhook":{"auth":"signature","event":"issues","delivery":"8ff34785-799e-4000-8009-799e5cbd0000","answer":{"Taken":{"event":"issues","action":"opened","resolved":0}}}}}');
INSERT INTO public.event VALUES (11, 'webhook.received', 1795964159622, 'system', '{"v":1,"repo":"acme/api","number":10,"details":{"Webhook":{"auth":"signature","event":"issues","delivery":"2e2ac13e-f8e8-4000-800a-f8e8d8d20000","answer":{"Taken":{"event":"issues","action":"opened","resolved":0}}}}}');
INSERT INTO public.event VALUES (12, 'webhook.received', 1795964160698, 'system', '{"v":1,"repo":"acme/api","number":11,"details":{"Webhook":{"auth":"signature","event":"issues","delivery":"cc623af8-7833-4000-800b-783354e70000","answer":{"Taken":{"event":"issues","action":"opened","resolved":0}}}}}');
INSERT INTO public.event VALUES (13, 'webhook.received', 1795964161774, 'system', '{"v":1,"repo":"acme/api","number":12,"details":{"Webhook":{"auth":"signature","event":"issues","delivery":"6a99b4b1-f77d-4000-800c-f77dd0fc0000","answer":{"Taken":{"event":"issues","action":"opened","resolved":0}}}}}');
INSERT INTO public.event VALUES (14, 'claim.created', 1795964162036, 'api-key', '{"v":1,"claim":"4daadfa8-378c-4d15-bf06-1d752656ecf5","repo":"acme/api","number":1,"agent":"a1","details":{"Created":{"idempotent":false}}}');
INSERT INTO public.event VALUES (15, 'claim.updated', 1795964163117, 'system', '{"v":1,"claim":"4daadfa8-378c-4d15-bf06-1d752656ecf5","repo":"acme/api","number":1,"agent":"a1","details":{"Moved":{"source":"webhook","status":"pr_submitted","note":"A pull request that closes the issue was opened"}}}');
INSERT INTO public.event VALUES (16, 'webhook.received', 1795964163117, 'system', '{"v":1,"repo":"acme/api","pull":13,"details":{"Webhook":{"auth":"signature","event":"pull_request","delivery":"08d12e6b-76c8-4000-800d-76c84d110000","answer":{"Taken":{"event":"pull_request","action":"opened","resolved":0}}}}}');
INSERT INTO public.event VALUES (17, 'followup.created', 1795964164208, 'system', '{"v":1,"item":"829aec9f-548d-4bb6-bb40-a7b06299464a","repo":"acme/api","pull":13,"details":{"FollowupCreated":{"kind":"review_changes_requested","source":"review:1025"}}}');
INSERT INTO public.event VALUES (18, 'webhook.received', 1795964164208, 'system', '{"v":1,"item":"829aec9f-548d-4bb6-bb40-a7b06299464a","repo":"acme/api","pull":13,"details":{"Webhook":{"auth":"signature","event":"pull_request_review","delivery":"a708a824-f612-4000-800e-f612c9260000","answer":{"Feedback":{"kind":"review_changes_requested","source":"review:1025","created":true,"idempotent":false,"item":"829aec9f-548d-4bb6-bb40-a7b06299464a","repo":"acme/api","pull":13}}}}}');
INSERT INTO public.event VALUES (19, 'webhook.received', 1795964165299, 'system', '{"v":1,"details":{"Webhook":{"auth":"signature","event":"pull_request_review","delivery":"454021de-755d-4000-800f-755d453b0000","answer":{"Ignored":{"NotActionable":"pull_request_review"}}}}}');
INSERT INTO public.event VALUES (20, 'followup.updated', 1795964165317, 'system', '{"v":1,"item":"829aec9f-548d-4bb6-bb40-a7b06299464a","repo":"acme/api","pull":13,"details":{"FollowupMoved":{"source":"webhook","status":"queued","note":"review_comment:1027 joined"}}}');
INSERT INTO public.event VALUES (21, 'webhook.received', 1795964165317, 'system', '{"v":1,"item":"829aec9f-548d-4bb6-bb40-a7b06299464a","repo":"acme/api","pull":13,"details":{"Webhook":{"auth":"signature","event":"pull_request_review_comment","delivery":"e3779b97-f4a7-4000-8010-f4a7c1500000","answer":{"Feedback":{"kind":"review_comment","source":"review_comment:1027","created":false,"idempotent":false,"item":"829aec9f-548d-4bb6-bb40-a7b06299464a","repo":"acme/api","pull":13}}}}}');
INSERT INTO public.event VALUES (22, 'followup.updated', 1795964166399, 'system', '{"v":1,"item":"829aec9f-548d-4bb6-bb40-a7b06299464a","repo":"acme/api","pull":13,"details":{"FollowupMoved":{"source":"webhook","status":"queued","note":"issue_comment:1028 joined"}}}');
INSERT INTO public.event VALUES (23, 'webhook.received', 1795964166399, 'system', '{"v":1,"item":"829aec9f-548d-4bb6-bb40-a7b06299464a","repo":"acme/api","pull":13,"details":{"Webhook":{"auth":"signature","event":"issue_comment","delivery":"81af1551-73f2-4000-8011-73f23d650000","answer":{"Feedback":{"kind":"pr_comment","source":"issue_comment:1028","created":false,"idempotent":false,"item":"829aec9f-548d-4bb6-bb40-a7b06299464a","repo":"acme/api","pull":13}}}}}');
INSERT INTO public.event VALUES (24, 'claim.created', 1795964166413, 'api-key', '{"v":1,"claim":"6ded3e5e-1231-4a22-954c-15867b0001de","repo":"acme/api","number":2,"agent":"a2","details":{"Created":{"idempotent":false}}}');
INSERT INTO public.event VALUES (25, 'claim.updated', 1795964166423, 'api-key', '{"v":1,"claim":"6ded3e5e-1231-4a22-954c-15867b0001de","repo":"acme/api","number":2,"agent":"a2","details":{"Moved":{"source":"agent","status":"in_progress","note":"on it"}}}');
INSERT INTO public.event VALUES (26, 'claim.created', 1795964166432, 'api-key', '{"v":1,"claim":"a76750ff-1278-47de-8d56-3b007a40bcc3","repo":"acme/api","number":3,"agent":"a3","details":{"Created":{"idempotent":false}}}');
INSERT INTO public.event VALUES (27, 'claim.updated', 1795964167503, 'system', '{"v":1,"claim":"a76750ff-1278-47de-8d56-3b007a40bcc3","repo":"acme/api","number":3,"agent":"a3","details":{"Moved":{"source":"webhook","status":"pr_submitted","note":"A pull request that closes the issue was opened"}}}');
INSERT INTO public.event VALUES (28, 'webhook.received', 1795964167503, 'system', '{"v":1,"repo":"acme/api","pull":14,"details":{"Webhook":{"auth":"signature","event":"pull_request","delivery":"1fe68f0a-f33c-4000-8012-f33cb97a0000","answer":{"Taken":{"event":"pull_request","action":"opened","resolved":0}}}}}');
INSERT INTO public.event VALUES (29, 'followup.created', 1795964168581, 'system', '{"v":1,"item":"b1cdc19c-baba-47a2-9b7e-b434983fc806","repo":"acme/api","pull":14,"details":{"FollowupCreated":{"kind":"pr_comment","source":"issue_comment:1031"}}}');
INSERT INTO public.event VALUES (30, 'webhook.received', 1795964168581, 'system', '{"v":1,"item":"b1cdc19c-baba-47a2-9b7e-b434983fc806","repo":"acme/api","pull":14,"details":{"Webhook":{"auth":"signature","event":"issue_comment","delivery":"be1e08c4-7287-4000-8013-7287358f0000","answer":{"Feedback":{"kind":"pr_comment","source":"issue_comment:1031","created":true,"idempotent":false,"item":"b1cdc19c-baba-47a2-9b7e-b434983fc806","repo":"acme/api","pull":14}}}}}');
INSERT INTO public.event VALUES (31, 'claim.updated', 1795964169667, 'system', '{"v":1,"claim":"a76750ff-1278-47de-8d56-3b007a40bcc3","repo":"acme/api","number":3,"agent":"a3","details":{"Moved":{"source":"webhook","status":"pr_merged","note":"Its pull request was merged"}}}');
INSERT INTO public.event VALUES (32, 'followup.done', 1795964169667, 'system', '{"v":1,"item":"b1cdc19c-baba-47a2-9b7e-b434983fc806","repo":"acme/api","pull":14,"details":{"FollowupMoved":{"source":"webhook","status":"done","note":"The pull request was merged"}}}');
INSERT INTO public.event VALUES (33, 'webhook.received', 1795964169667, 'system', '{"v":1,"repo":"acme/api","pull":14,"details":{"Webhook":{"auth":"signature","event":"pull_request","delivery":"5c55827d-f1d1-4000-8014-f1d1b1a40000","answer":{"Taken":{"event":"pull_request","action":"closed","resolved":1}}}}}');
INSERT INTO public.event VALUES (34, 'claim.updated', 1795964169700, 'system', '{"v":1,"claim":"a76750ff-1278-47de-8d56-3b007a40bcc3","repo":"acme/api","number":3,"agent":"a3","details":{"Moved":{"source":"webhook","status":"closed","note":"The issue was closed on GitHub"}}}');
INSERT INTO public.event VALUES (35, 'webhook.received', 1795964169700, 'system', '{"v":1,"repo":"acme/api","number":3,"details":{"Webhook":{"auth":"signature","event":"issues","delivery":"fa8cfc37-711c-4000-8015-711c2db90000","answer":{"Taken":{"event":"issues","action":"closed","resolved":0}}}}}');
INSERT INTO public.event VALUES (36, 'claim.created', 1795964169719, 'api-key', '{"v":1,"claim":"336ddadc-3c67-4657-a276-4087df21ed87","repo":"acme/api","number":4,"agent":"a4","details":{"Created":{"idempotent":false}}}');
INSERT INTO public.event VALUES (37, 'claim.released', 1795964169729, 'api-key', '{"v":1,"claim":"336ddadc-3c67-4657-a276-4087df21ed87","repo":"acme/api","number":4,"agent":"a4","details":{"Moved":{"source":"agent","status":"released","note":"no time"}}}');
INSERT INTO public.event VALUES (38, 'webhook.received', 1795964170806, 'system', '{"v":1,"repo":"acme/api","pull":15,"details":{"Webhook":{"auth":"signature","event":"pull_request","delivery":"98c475f0-f066-4000-8016-f066a9ce0000","answer":{"Taken":{"event":"pull_request","action":"opened","resolved":0}}}}}');
INSERT INTO public.event VALUES (39, 'followup.created', 1795964171880, 'system', '{"v":1,"item":"68266fa7-d14b-40e2-b779-c0c0e3553bd9","repo":"acme/api","pull":15,"details":{"FollowupCreated":{"kind":"pr_comment","source":"issue_comment:1039"}}}');
INSERT INTO public.event VALUES (40, 'webhook.received', 1795964171880, 'system', '{"v":1,"item":"68266fa7-d14b-40e2-b779-c0c0e3553bd9","repo":"acme/api","pull":15,"details":{"Webhook":{"auth":"signature","event":"issue_comment","delivery":"36fbefaa-6fb1-4000-8017-6fb125e30000","answer":{"Feedback":{"kind":"pr_comment","source":"issue_comment:1039","created":true,"idempotent":false,"item":"68266fa7-d14b-40e2-b779-c0c0e3553bd9","repo":"acme/api","pull":15}}}}}');
INSERT INTO public.event VALUES (41, 'followup.claimed', 1795964171893, 'api-key', '{"v":1,"item":"829aec9f-548d-4bb6-bb40-a7b06299464a","repo":"acme/api","pull":13,"agent":"a1","details":{"FollowupClaimed":{"by":"a1"}}}');
INSERT INTO public.event VALUES (42, 'claim.created', 1795964171907, 'api-key', '{"v":1,"claim":"b38e0978-0acf-483d-b622-83d6a4b325ba","repo":"acme/api","number":4,"agent":"a9","details":{"Created":{"idempotent":false}}}');
INSERT INTO public.event VALUES (43, 'followup.updated', 1795964171928, 'api-key', '{"v":1,"item":"68266fa7-d14b-40e2-b779-c0c0e3553bd9","repo":"acme/api","pull":15,"agent":"a7","details":{"FollowupMoved":{"source":"agent","status":"claimed","note":null}}}');
INSERT INTO public.event VALUES (44, 'followup.dismissed', 1795964171940, 'api-key', '{"v":1,"item":"68266fa7-d14b-40e2-b779-c0c0e3553bd9","repo":"acme/api","pull":15,"agent":"a7","details":{"FollowupMoved":{"source":"agent","status":"dismissed","note":"not now"}}}');
INSERT INTO public.event VALUES (45, 'claim.created', 1795964171959, 'api-key', '{"v":1,"claim":"eca51c5e-7b4e-43f3-b06f-5c16da5a9ee0","repo":"acme/api","number":6,"agent":"a6","details":{"Created":{"idempotent":false}}}');
INSERT INTO public.event VALUES (46, 'claim.updated', 1795964173031, 'system', '{"v":1,"claim":"eca51c5e-7b4e-43f3-b06f-5c16da5a9ee0","repo":"acme/api","number":6,"agent":"a6","details":{"Moved":{"source":"webhook","status":"claimed","note":"GitHub answers 410 for this issue: it was deleted"}}}');
INSERT INTO public.event VALUES (47, 'webhook.received', 1795964173031, 'system', '{"v":1,"repo":"acme/api","number":6,"details":{"Webhook":{"auth":"signature","event":"issues","delivery":"d5336963-eefb-4000-8018-eefba1f80000","answer":{"Taken":{"event":"issues","action":"deleted","resolved":0}}}}}');
INSERT INTO public.event VALUES (48, 'sync.reconciled', 1795964173184, 'system', '{"v":1,"details":{"Reconciled":{"repos_scanned":3,"open_issues_seen":11,"newly_opened_issues":0,"externally_closed_claims":0,"metadata_updates":0,"stale_marked":0,"stale_auto_released":0}}}');
INSERT INTO public.event VALUES (49, 'claim.stale', 1795964237660, 'system', '{"v":1,"claim":"6ded3e5e-1231-4a22-954c-15867b0001de","repo":"acme/api","number":2,"agent":"a2","details":{"Moved":{"source":"sync","status":"stale","note":"No sign of life for too long"}}}');
INSERT INTO public.event VALUES (50, 'claim.stale', 1795964237660, 'system', '{"v":1,"claim":"b38e0978-0acf-483d-b622-83d6a4b325ba","repo":"acme/api","number":4,"agent":"a9","details":{"Moved":{"source":"sync","status":"stale","note":"No sign of life for too long"}}}');
INSERT INTO public.event VALUES (51, 'claim.stale', 1795964237660, 'system', '{"v":1,"claim":"eca51c5e-7b4e-43f3-b06f-5c16da5a9ee0","repo":"acme/api","number":6,"agent":"a6","details":{"Moved":{"source":"sync","status":"stale","note":"No sign of life for too long"}}}');
INSERT INTO public.event VALUES (52, 'claim.created', 1795964248208, 'api-key', '{"v":1,"claim":"d1dc6dde-febd-4cdf-81a8-ffe58d6f4493","repo":"acme/api","number":8,"agent":"a8","details":{"Created":{"idempotent":false}}}');
INSERT INTO public.event VALUES (53, 'claim.updated', 1795964248216, 'api-key', '{"v":1,"claim":"d1dc6dde-febd-4cdf-81a8-ffe58d6f4493","repo":"acme/api","number":8,"agent":"a8","details":{"Moved":{"source":"agent","status":"in_progress","note":null}}}');
INSERT INTO public.event VALUES (54, 'claim.updated', 1795964248236, 'api-key', '{"v":1,"claim":"d1dc6dde-febd-4cdf-81a8-ffe58d6f4493","repo":"acme/api","number":8,"agent":"a8","details":{"Moved":{"source":"agent","status":"pr_submitted","note":null}}}');
INSERT INTO public.event VALUES (55, 'claim.updated', 1795964248256, 'api-key', '{"v":1,"claim":"d1dc6dde-febd-4cdf-81a8-ffe58d6f4493","repo":"acme/api","number":8,"agent":"a8","details":{"Moved":{"source":"agent","status":"pr_merged","note":null}}}');
INSERT INTO public.event VALUES (56, 'claim.updated', 1795964248273, 'api-key', '{"v":1,"claim":"d1dc6dde-febd-4cdf-81a8-ffe58d6f4493","repo":"acme/api","number":8,"agent":"a8","details":{"Moved":{"source":"agent","status":"closed","note":null}}}');

INSERT INTO public.followup VALUES ('b1cdc19c-baba-47a2-9b7e-b434983fc806', 1, 14, 'https://github.com/acme/api/pull/14', 'P3', 2, 'done', 1795964168581, 1795964169667, NULL, NULL, 1795964169667, NULL, 1795964168581, '');
INSERT INTO public.followup VALUES ('68266fa7-d14b-40e2-b779-c0c0e3553bd9', 1, 15, 'https://github.com/acme/api/pull/15', 'P5', 2, 'dismissed', 1795964171880, 1795964171940, 'a7', 1795964171928, NULL, 'not now', 1795964171880, '');
INSERT INTO public.followup VALUES ('829aec9f-548d-4bb6-bb40-a7b06299464a', 1, 13, 'https://github.com/acme/api/pull/13', 'P', 0, 'claimed', 1795964164208, 1795964171893, 'a1', 1795964171893, NULL, NULL, 1795964164208, ',1,');

INSERT INTO public.followup_source VALUES ('issue_comment:1031', 1, 14, 'b1cdc19c-baba-47a2-9b7e-b434983fc806', 0, 'merged', '{"v":1,"value":{"id":"issue_comment:1031","kind":"pr_comment","delivery":"be1e08c4-7287-4000-8013-7287358f0000","requested_by":"mia","author_association":"COLLABORATOR","body":"look at this","url":"https://github.com/acme/api/pull/14#issuecomment-1031","path":null,"line":null,"created_at":1795964168000,"updated_at":1795964168000,"start_line":null,"side":null,"original_line":null,"hunk":null,"in_reply_to":null,"review":null,"hidden":false,"unseen":false,"ended":null}}', '{"v":1,"value":{"said_at":1795964168000,"version":1795964168000,"digest":5138694225353850289,"reviewer":null,"answered":false,"pushed":false,"dismissed":false,"gone":false,"hidden":false,"replaced":false,"thread":null}}');
INSERT INTO public.followup_source VALUES ('issue_comment:1039', 1, 15, '68266fa7-d14b-40e2-b779-c0c0e3553bd9', 0, 'answered', '{"v":1,"value":{"id":"issue_comment:1039","kind":"pr_comment","delivery":"36fbefaa-6fb1-4000-8017-6fb125e30000","requested_by":"mia","author_association":"COLLABORATOR","body":"nobody holds this","url":"https://github.com/acme/api/pull/15#issuecomment-1039","path":null,"line":null,"created_at":1795964171000,"updated_at":1795964171000,"start_line":null,"side":null,"original_line":null,"hunk":null,"in_reply_to":null,"review":null,"hidden":false,"unseen":false,"ended":null}}', '{"v":1,"value":{"said_at":1795964171000,"version":1795964171000,"digest":12356461675142029316,"reviewer":null,"answered":true,"pushed":false,"dismissed":false,"gone":false,"hidden":false,"replaced":false,"thread":null}}');
INSERT INTO public.followup_source VALUES ('review:1025', 1, 13, '829aec9f-548d-4bb6-bb40-a7b06299464a', 0, NULL, '{"v":1,"value":{"id":"review:1025","kind":"review_changes_requested","delivery":"a708a824-f612-4000-800e-f612c9260000","requested_by":"mia","author_association":"COLLABORATOR","body":"Change this #1","url":"https://github.com/acme/api/pull/13#pullrequestreview-1025","path":null,"line":null,"created_at":1795964164000,"updated_at":null,"start_line":null,"side":null,"original_line":null,"hunk":null,"in_reply_to":null,"review":null,"hidden":false,"unseen":false,"ended":null}}', '{"v":1,"value":{"said_at":1795964164000,"version":1795964173129,"digest":8718503194367191385,"reviewer":["mia",1795964164000],"answered":false,"pushed":false,"dismissed":false,"gone":false,"hidden":false,"replaced":false,"thread":null}}');
INSERT INTO public.followup_source VALUES ('review_comment:1027', 1, 13, '829aec9f-548d-4bb6-bb40-a7b06299464a', 1, NULL, '{"v":1,"value":{"id":"review_comment:1027","kind":"review_comment","delivery":"e3779b97-f4a7-4000-8010-f4a7c1500000","requested_by":"mia","author_association":"COLLABORATOR","body":"lines five to nine","url":"https://github.com/acme/api/pull/13#discussion_r1027","path":"src/lib.rs","line":9,"created_at":1795964165000,"updated_at":1795964165000,"start_line":5,"side":"RIGHT","original_line":9,"hunk":"@@ -1,3 +1,4 @@","in_reply_to":null,"review":1026,"hidden":false,"unseen":false,"ended":null}}', '{"v":1,"value":{"said_at":1795964165000,"version":1795964165000,"digest":1363036792385053175,"reviewer":null,"answered":false,"pushed":false,"dismissed":false,"gone":false,"hidden":false,"replaced":false,"thread":null}}');
INSERT INTO public.followup_source VALUES ('issue_comment:1028', 1, 13, '829aec9f-548d-4bb6-bb40-a7b06299464a', 2, NULL, '{"v":1,"value":{"id":"issue_comment:1028","kind":"pr_comment","delivery":"81af1551-73f2-4000-8011-73f23d650000","requested_by":"mia","author_association":"COLLABORATOR","body":"and this","url":"https://github.com/acme/api/pull/13#issuecomment-1028","path":null,"line":null,"created_at":1795964166000,"updated_at":1795964166000,"start_line":null,"side":null,"original_line":null,"hunk":null,"in_reply_to":null,"review":null,"hidden":false,"unseen":false,"ended":null}}', '{"v":1,"value":{"said_at":1795964166000,"version":1795964166000,"digest":4490031769746230018,"reviewer":null,"answered":false,"pushed":false,"dismissed":false,"gone":false,"hidden":false,"replaced":false,"thread":null}}');

INSERT INTO public.followup_status VALUES ('829aec9f-548d-4bb6-bb40-a7b06299464a', 0, 'queued', 1795964164208, 'Created from webhook event');
INSERT INTO public.followup_status VALUES ('b1cdc19c-baba-47a2-9b7e-b434983fc806', 0, 'queued', 1795964168581, 'Created from webhook event');
INSERT INTO public.followup_status VALUES ('b1cdc19c-baba-47a2-9b7e-b434983fc806', 1, 'done', 1795964169667, 'The pull request was merged');
INSERT INTO public.followup_status VALUES ('68266fa7-d14b-40e2-b779-c0c0e3553bd9', 0, 'queued', 1795964171880, 'Created from webhook event');
INSERT INTO public.followup_status VALUES ('829aec9f-548d-4bb6-bb40-a7b06299464a', 1, 'claimed', 1795964171893, 'Claimed by a1');
INSERT INTO public.followup_status VALUES ('68266fa7-d14b-40e2-b779-c0c0e3553bd9', 1, 'claimed', 1795964171928, NULL);
INSERT INTO public.followup_status VALUES ('68266fa7-d14b-40e2-b779-c0c0e3553bd9', 2, 'dismissed', 1795964171940, 'not now');

INSERT INTO public.idempotency VALUES ('api-key', 'once', '0cafc119a346b27a1f4a2c47e56255768dc56157e7fe8e07cc28dd7d48491ccb', '{"v":1,"value":{"Claim":{"claim":{"id":"4daadfa8-378c-4d15-bf06-1d752656ecf5","agent":"a1","principal":"api-key","repo":1,"repo_name":"acme/api","number":1,"title":"I1","labels":["bug"],"assignees":[],"status":"claimed","before_stale":null,"claimed_at":1795964162036,"last_updated":1795964162036,"history":[{"status":"claimed","timestamp":1795964162036,"note":null}],"earlier":0,"pr_url":null,"pull":null,"link":null,"notice":null,"pull_notice":null,"github_closed_at":null},"issue":null,"idempotent":false,"outbox":null}}}', 1795964162036);
INSERT INTO public.idempotency VALUES ('api-key', 'nine', 'b5ce1cbb64bc6c7f88d747becc7b45cae37ca28f043526319d413d4664c0fa04', '{"v":1,"value":{"Claim":{"claim":{"id":"b38e0978-0acf-483d-b622-83d6a4b325ba","agent":"a9","principal":"api-key","repo":1,"repo_name":"acme/api","number":4,"title":"I4","labels":["bug"],"assignees":[],"status":"claimed","before_stale":null,"claimed_at":1795964171907,"last_updated":1795964171907,"history":[{"status":"claimed","timestamp":1795964171907,"note":null}],"earlier":0,"pr_url":null,"pull":null,"link":null,"notice":null,"pull_notice":null,"github_closed_at":null},"issue":{"repo":1,"repo_name":"acme/api","facts":{"number":4,"title":"I4","body":"","state":"open","labels":["bug"],"assignees":[],"milestone":null,"author":"mia","created_at":1795964153000,"updated_at":1795964153000,"url":"https://github.com/acme/api/issues/4"},"rank":"medium","doubt":null,"checked_at":1795964153153,"etag":null},"idempotent":false,"outbox":null}}}', 1795964171907);

INSERT INTO public.issue VALUES (1, 1, 2, 'open', 1795964149000, 1795964149000, 1795964149831, NULL, NULL, 'I1', '["bug"]', '[]', NULL, NULL, 'mia', 'https://github.com/acme/api/issues/1', NULL, '', NULL);
INSERT INTO public.issue VALUES (1, 2, 2, 'open', 1795964150000, 1795964150000, 1795964150951, NULL, NULL, 'I2', '["bug"]', '[]', NULL, NULL, 'mia', 'https://github.com/acme/api/issues/2', NULL, '', NULL);
INSERT INTO public.issue VALUES (1, 4, 2, 'open', 1795964153000, 1795964153000, 1795964153153, NULL, NULL, 'I4', '["bug"]', '[]', NULL, NULL, 'mia', 'https://github.com/acme/api/issues/4', NULL, '', NULL);
INSERT INTO public.issue VALUES (1, 5, 2, 'open', 1795964154000, 1795964154000, 1795964154238, NULL, NULL, 'I5', '["bug"]', '[]', NULL, NULL, 'mia', 'https://github.com/acme/api/issues/5', NULL, '', NULL);
INSERT INTO public.issue VALUES (1, 7, 2, 'open', 1795964156000, 1795964156000, 1795964156395, NULL, NULL, 'I7', '["bug"]', '[]', NULL, NULL, 'mia', 'https://github.com/acme/api/issues/7', NULL, '', NULL);
INSERT INTO public.issue VALUES (1, 9, 2, 'open', 1795964158000, 1795964158000, 1795964158548, NULL, NULL, 'I9', '["bug"]', '[]', NULL, NULL, 'mia', 'https://github.com/acme/api/issues/9', NULL, '', NULL);
INSERT INTO public.issue VALUES (1, 10, 2, 'open', 1795964159000, 1795964159000, 1795964159622, NULL, NULL, 'I10', '["bug"]', '[]', NULL, NULL, 'mia', 'https://github.com/acme/api/issues/10', NULL, '', NULL);
INSERT INTO public.issue VALUES (1, 11, 2, 'open', 1795964160000, 1795964160000, 1795964160698, NULL, NULL, 'I11', '["bug"]', '[]', NULL, NULL, 'mia', 'https://github.com/acme/api/issues/11', NULL, '', NULL);
INSERT INTO public.issue VALUES (1, 12, 2, 'open', 1795964161000, 1795964161000, 1795964161774, NULL, NULL, 'I12', '["bug"]', '[]', NULL, NULL, 'mia', 'https://github.com/acme/api/issues/12', NULL, '', NULL);
INSERT INTO public.issue VALUES (1, 3, 2, 'closed', 1795964152000, 1795964169000, 1795964169700, NULL, NULL, 'I3', '["bug"]', '[]', NULL, NULL, 'mia', 'https://github.com/acme/api/issues/3', NULL, '', NULL);
INSERT INTO public.issue VALUES (1, 6, 2, 'open', 1795964155000, 1795964155000, 1795964173031, 'gone', 1795964173031, 'I6', '["bug"]', '[]', NULL, NULL, 'mia', 'https://github.com/acme/api/issues/6', NULL, '', NULL);
INSERT INTO public.issue VALUES (1, 8, 2, 'open', 1795964157000, 1795964157000, 1795964248203, 'closing', 1795964248273, 'I8', '["bug"]', '[]', NULL, NULL, 'mia', 'https://github.com/acme/api/issues/8', '217edbca4b104d88:W/"62f23acb193f537c467a1db915761bce"', '', NULL);

INSERT INTO public.issue_tag VALUES (1, 1, 'l:bug');
INSERT INTO public.issue_tag VALUES (1, 2, 'l:bug');
INSERT INTO public.issue_tag VALUES (1, 4, 'l:bug');
INSERT INTO public.issue_tag VALUES (1, 5, 'l:bug');
INSERT INTO public.issue_tag VALUES (1, 7, 'l:bug');
INSERT INTO public.issue_tag VALUES (1, 9, 'l:bug');
INSERT INTO public.issue_tag VALUES (1, 10, 'l:bug');
INSERT INTO public.issue_tag VALUES (1, 11, 'l:bug');
INSERT INTO public.issue_tag VALUES (1, 12, 'l:bug');
INSERT INTO public.issue_tag VALUES (1, 6, 'l:bug');
INSERT INTO public.issue_tag VALUES (1, 8, 'l:bug');

INSERT INTO public.lease VALUES ('first-sync:acme/api', '24603-52ecafd9-b0e7-4a4e-8396-4db96f18bcb6/0', 1, 1795964147731);
INSERT INTO public.lease VALUES ('first-sync:acme/sec', '24603-52ecafd9-b0e7-4a4e-8396-4db96f18bcb6/1', 1, 1795964147762);
INSERT INTO public.lease VALUES ('first-sync:acme/web', '24603-52ecafd9-b0e7-4a4e-8396-4db96f18bcb6/2', 1, 1795964147802);
INSERT INTO public.lease VALUES ('sync', '24603-52ecafd9-b0e7-4a4e-8396-4db96f18bcb6/3', 1, 1795964173187);
INSERT INTO public.lease VALUES ('background', '24603-52ecafd9-b0e7-4a4e-8396-4db96f18bcb6', 1, 1795964248928);

INSERT INTO public.meta VALUES (1, 1795964248928, 0, 1795964173184, 'rules 2: critical=critical,p0,sev0,sev1,s0,s1,urgent,blocker,highest,emergency,showstopper,asap;high=high,p1,sev2,s2,important,major;medium=medium,p2,sev3,s3,normal,moderate,default;low=low,p3,p4,p5,sev4,sev5,s4,minor,lowest,trivial,nice to have,someday,backlog', 56, '1d4f08628c86411abadd60d8e8508799', 87, NULL);

INSERT INTO public.open_pull VALUES (1, 13);
INSERT INTO public.open_pull VALUES (1, 15);

INSERT INTO public.outbox VALUES ('22f039a2-d1a4-4b54-9458-d34e7b4348f5', '{"v":1,"value":{"CloseIssue":{"repo":"acme/api","number":8}}}', 'd1dc6dde-febd-4cdf-81a8-ffe58d6f4493', 1, 1795964278897, 'GET /repos/acme/api/issues/8: error sending request: client error (Connect): tcp connect error: Connection refused (os error 111)');

INSERT INTO public.pr_hold VALUES (1, 13, 'a1');

INSERT INTO public.pull_closes VALUES (1, 14, 3, false);
INSERT INTO public.pull_closes VALUES (1, 13, 1, true);

INSERT INTO public.pull_request VALUES (1, 13, NULL, NULL, '{"v":1,"value":{"pull":"217edbca4b104d88:W/\"5e012fbe6effa76c7c29f4efbc45d58a\"","reviews":"217edbca4b104d88:W/\"a78c24cdd771592732e9af78f7e66bfd\"","review_comments":"217edbca4b104d88:W/\"355e32d3b5f8e8184baed4b8722244c0\"","comments":"217edbca4b104d88:W/\"02963c7d53229f684b7d0ccd82211454\""}}', '{"v":1,"value":{"number":13,"title":"P","url":"https://github.com/acme/api/pull/13","open":true,"merged":false,"head":"3faf6c43aaa5d7eb7554bafd67f5ed88000003ff","updated_at":1795964166000,"has_text":true,"closes":[["acme/api",1]],"trusted":true,"author":"ann","branch":"b1","base":"main","base_sha":"a177f28a2b5b5bd6456b6b7ad42efe51000003fe","created_at":1795964163000,"closed_at":null,"merged_at":null}}', '{"v":1,"value":{"state_at":1795964166000,"verdicts":{},"heads":{"3faf6c43aaa5d7eb7554bafd67f5ed88000003ff":{"shown":true,"at":1795964166000,"pushed_at":null,"looked_up":false,"merges_base_into":null}}}}', '{"v":1,"value":{"issues":[1],"said_at":1795964166000,"rank":2,"added":{},"reopened_at":null}}');
INSERT INTO public.pull_request VALUES (1, 14, NULL, NULL, '{"v":1,"value":{"pull":null,"reviews":null,"review_comments":null,"comments":null}}', '{"v":1,"value":{"number":14,"title":"P3","url":"https://github.com/acme/api/pull/14","open":false,"merged":true,"head":"f4fc469ca664c06994cc980d3e9f88d300000405","updated_at":1795964169000,"has_text":true,"closes":[["acme/api",3]],"trusted":true,"author":"ann","branch":"b3","base":"main","base_sha":"a177f28a2b5b5bd6456b6b7ad42efe51000003fe","created_at":1795964167000,"closed_at":1795964169000,"merged_at":1795964169000}}', '{"v":1,"value":{"state_at":1795964169000,"verdicts":{},"heads":{"f4fc469ca664c06994cc980d3e9f88d300000405":{"shown":true,"at":1795964169000,"pushed_at":null,"looked_up":false,"merges_base_into":null}}}}', '{"v":1,"value":{"issues":[3],"said_at":1795964169000,"rank":1,"added":{},"reopened_at":null}}');
INSERT INTO public.pull_request VALUES (1, 15, NULL, NULL, '{"v":1,"value":{"pull":null,"reviews":null,"review_comments":null,"comments":null}}', '{"v":1,"value":{"number":15,"title":"P5","url":"https://github.com/acme/api/pull/15","open":true,"merged":false,"head":"e6b81468a0b8a111141714223cd7028d0000040d","updated_at":1795964170000,"has_text":true,"closes":[],"trusted":true,"author":"ann","branch":"b5","base":"main","base_sha":"cfa2b3c9244434a82488869519f4567900000408","created_at":1795964170000,"closed_at":null,"merged_at":null}}', '{"v":1,"value":{"state_at":1795964171000,"verdicts":{},"heads":{"e6b81468a0b8a111141714223cd7028d0000040d":{"shown":true,"at":1795964170000,"pushed_at":null,"looked_up":false,"merges_base_into":null}}}}', '{"v":1,"value":{"issues":[],"said_at":1795964170000,"rank":0,"added":{},"reopened_at":null}}');

INSERT INTO public.queue VALUES (2, 1795964154000, 1, 5);
INSERT INTO public.queue VALUES (2, 1795964156000, 1, 7);
INSERT INTO public.queue VALUES (2, 1795964158000, 1, 9);
INSERT INTO public.queue VALUES (2, 1795964159000, 1, 10);
INSERT INTO public.queue VALUES (2, 1795964160000, 1, 11);
INSERT INTO public.queue VALUES (2, 1795964161000, 1, 12);

INSERT INTO public.repo VALUES (1, 1006, 'acme/api', 'acme/api', 'https://github.com/acme/api', NULL, false, false, 12, true, 1795964147726, 1795964173064, 1795964171000, NULL, false, 1795964147716, 0, 0);
INSERT INTO public.repo VALUES (2, 1008, 'acme/sec', 'acme/sec', 'https://github.com/acme/sec', NULL, false, false, 0, true, 1795964147758, 1795964173109, 1795963847748, '217edbca4b104d88:W/"3093b95e391fd0a1f471cddd67d484ee"', false, 1795964147748, 0, 0);
INSERT INTO public.repo VALUES (3, 1007, 'acme/web', 'acme/web', 'https://github.com/acme/web', NULL, false, false, 0, true, 1795964147797, 1795964173117, 1795963847787, '217edbca4b104d88:W/"3093b95e391fd0a1f471cddd67d484ee"', false, 1795964147787, 0, 0);

INSERT INTO public.repo_alias VALUES ('acme/sec', 2);
INSERT INTO public.repo_alias VALUES ('acme/web', 3);
INSERT INTO public.repo_alias VALUES ('acme/api', 1);

SELECT pg_catalog.setval('public.claim_n_seq', 7, true);

ALTER TABLE ONLY public._sqlx_migrations
    ADD CONSTRAINT _sqlx_migrations_pkey PRIMARY KEY (version);

ALTER TABLE ONLY public.access_key
    ADD CONSTRAINT access_key_hash_key UNIQUE (hash);

ALTER TABLE ONLY public.access_key
    ADD CONSTRAINT access_key_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.allowed_repo
    ADD CONSTRAINT allowed_repo_pkey PRIMARY KEY (key);

ALTER TABLE ONLY public.claim
    ADD CONSTRAINT claim_claim_id_key UNIQUE (claim_id);

ALTER TABLE ONLY public.claim
    ADD CONSTRAINT claim_pkey PRIMARY KEY (n);

ALTER TABLE ONLY public.claim_status
    ADD CONSTRAINT claim_status_pkey PRIMARY KEY (claim_n, n);

ALTER TABLE ONLY public.delivery
    ADD CONSTRAINT delivery_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.event
    ADD CONSTRAINT event_pkey PRIMARY KEY (seq);

ALTER TABLE ONLY public.followup
    ADD CONSTRAINT followup_pkey PRIMARY KEY (work_item_id);

ALTER TABLE ONLY public.followup_source
    ADD CONSTRAINT followup_source_pkey PRIMARY KEY (source_event_id);

ALTER TABLE ONLY public.followup_status
    ADD CONSTRAINT followup_status_pkey PRIMARY KEY (work_item_id, n);

ALTER TABLE ONLY public.idempotency
    ADD CONSTRAINT idempotency_pkey PRIMARY KEY (principal, key);

ALTER TABLE ONLY public.issue
    ADD CONSTRAINT issue_pkey PRIMARY KEY (repo_id, number);

ALTER TABLE ONLY public.issue_tag
    ADD CONSTRAINT issue_tag_pkey PRIMARY KEY (repo_id, number, tag);

ALTER TABLE ONLY public.lease
    ADD CONSTRAINT lease_pkey PRIMARY KEY (name);

ALTER TABLE ONLY public.meta
    ADD CONSTRAINT meta_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.open_pull
    ADD CONSTRAINT open_pull_pkey PRIMARY KEY (repo_id, number);

ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.pr_hold
    ADD CONSTRAINT pr_hold_pkey PRIMARY KEY (repo_id, number);

ALTER TABLE ONLY public.pull_closes
    ADD CONSTRAINT pull_closes_pkey PRIMARY KEY (repo_id, number, issue);

ALTER TABLE ONLY public.pull_request
    ADD CONSTRAINT pull_request_pkey PRIMARY KEY (repo_id, number);

ALTER TABLE ONLY public.queue
    ADD CONSTRAINT queue_pkey PRIMARY KEY (rank, created_at, repo_id, number);

ALTER TABLE ONLY public.repo_alias
    ADD CONSTRAINT repo_alias_pkey PRIMARY KEY (key);

ALTER TABLE ONLY public.repo
    ADD CONSTRAINT repo_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.sync_failure
    ADD CONSTRAINT sync_failure_pkey PRIMARY KEY (subject);

CREATE UNIQUE INDEX access_key_name ON public.access_key USING btree (name) WHERE (revoked_at IS NULL);

CREATE UNIQUE INDEX claim_active ON public.claim USING btree (repo_id, number) WHERE (status <> ALL (ARRAY['closed'::text, 'released'::text]));

CREATE INDEX claim_agent ON public.claim USING btree (agent_id) WHERE (status <> ALL (ARRAY['closed'::text, 'released'::text]));

CREATE INDEX claim_ended ON public.claim USING btree (last_updated, claim_id) WHERE (status = ANY (ARRAY['closed'::text, 'released'::text]));

CREATE INDEX claim_expiry ON public.claim USING btree (status, last_updated) WHERE (status <> ALL (ARRAY['closed'::text, 'released'::text]));

CREATE INDEX claim_pull ON public.claim USING btree (pull_repo_id, pull_number) WHERE ((pull_repo_id IS NOT NULL) AND (status <> ALL (ARRAY['closed'::text, 'released'::text])));

CREATE INDEX claim_reopen ON public.claim USING btree (repo_id, number) WHERE (github_closed_at IS NOT NULL);

CREATE INDEX claim_replaced ON public.claim USING btree (((((link)::jsonb #>> '{value,replaces,pull,0}'::text[]))::bigint), ((((link)::jsonb #>> '{value,replaces,pull,1}'::text[]))::bigint)) WHERE (((link)::jsonb #>> '{value,replaces,pull,0}'::text[]) IS NOT NULL);

CREATE INDEX delivery_taken ON public.delivery USING btree (received_at, id) WHERE (processed_at IS NOT NULL);

CREATE INDEX delivery_waiting ON public.delivery USING btree (received_at, id) WHERE (processed_at IS NULL);

CREATE INDEX followup_ended ON public.followup USING btree (last_updated, work_item_id) WHERE (status = ANY (ARRAY['done'::text, 'dismissed'::text]));

CREATE INDEX followup_expiry ON public.followup USING btree (last_updated) WHERE (status = ANY (ARRAY['queued'::text, 'claimed'::text, 'in_progress'::text]));

CREATE INDEX followup_open ON public.followup USING btree (repo_id, number) WHERE (status <> ALL (ARRAY['done'::text, 'dismissed'::text]));

CREATE INDEX followup_source_item ON public.followup_source USING btree (work_item_id, n) WHERE (work_item_id IS NOT NULL);

CREATE INDEX followup_source_suspended ON public.followup_source USING btree (repo_id, number) WHERE (ended = 'closed'::text);

CREATE INDEX followup_waiting ON public.followup USING btree (kind, created_at, work_item_id) WHERE (status = ANY (ARRAY['queued'::text, 'stale'::text]));

CREATE INDEX idempotency_at ON public.idempotency USING btree (at);

CREATE INDEX issue_close_failed ON public.issue USING btree (doubt_at, repo_id, number) WHERE (doubt_detail = 'close_failed'::text);

CREATE INDEX issue_doubt ON public.issue USING btree (repo_id, doubt_at) WHERE (doubt IS NOT NULL);

CREATE INDEX issue_open ON public.issue USING btree (repo_id) WHERE (state = 'open'::text);

CREATE INDEX issue_tag_tag ON public.issue_tag USING btree (tag, repo_id, number);

CREATE INDEX outbox_due ON public.outbox USING btree (due, id);

CREATE INDEX pull_closes_issue ON public.pull_closes USING btree (repo_id, issue, number) WHERE candidate;

CREATE UNIQUE INDEX queue_repo ON public.queue USING btree (repo_id, rank, created_at, number);

CREATE INDEX repo_alias_repo ON public.repo_alias USING btree (repo_id);

CREATE UNIQUE INDEX repo_github ON public.repo USING btree (github_id) WHERE (github_id <> 0);

CREATE INDEX repo_key ON public.repo USING btree (key);

ALTER TABLE ONLY public.allowed_repo
    ADD CONSTRAINT allowed_repo_repo_id_fkey FOREIGN KEY (repo_id) REFERENCES public.repo(id);

ALTER TABLE ONLY public.claim
    ADD CONSTRAINT claim_repo_id_fkey FOREIGN KEY (repo_id) REFERENCES public.repo(id);

ALTER TABLE ONLY public.claim_status
    ADD CONSTRAINT claim_status_claim_n_fkey FOREIGN KEY (claim_n) REFERENCES public.claim(n) ON DELETE CASCADE;

ALTER TABLE ONLY public.followup
    ADD CONSTRAINT followup_repo_id_fkey FOREIGN KEY (repo_id) REFERENCES public.repo(id);

ALTER TABLE ONLY public.followup_source
    ADD CONSTRAINT followup_source_repo_id_fkey FOREIGN KEY (repo_id) REFERENCES public.repo(id);

ALTER TABLE ONLY public.followup_status
    ADD CONSTRAINT followup_status_work_item_id_fkey FOREIGN KEY (work_item_id) REFERENCES public.followup(work_item_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.issue
    ADD CONSTRAINT issue_repo_id_fkey FOREIGN KEY (repo_id) REFERENCES public.repo(id);

ALTER TABLE ONLY public.open_pull
    ADD CONSTRAINT open_pull_repo_id_fkey FOREIGN KEY (repo_id) REFERENCES public.repo(id);

ALTER TABLE ONLY public.pr_hold
    ADD CONSTRAINT pr_hold_repo_id_fkey FOREIGN KEY (repo_id) REFERENCES public.repo(id);

ALTER TABLE ONLY public.pull_closes
    ADD CONSTRAINT pull_closes_repo_id_fkey FOREIGN KEY (repo_id) REFERENCES public.repo(id);

ALTER TABLE ONLY public.pull_request
    ADD CONSTRAINT pull_request_repo_id_fkey FOREIGN KEY (repo_id) REFERENCES public.repo(id);

ALTER TABLE ONLY public.repo_alias
    ADD CONSTRAINT repo_alias_repo_id_fkey FOREIGN KEY (repo_id) REFERENCES public.repo(id);
