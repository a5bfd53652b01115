BEGIN TRANSACTION;
CREATE TABLE _sqlx_migrations (
    version BIGINT PRIMARY KEY,
    description TEXT NOT NULL,
    installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    success BOOLEAN NOT NULL,
    checksum BLOB NOT NULL,
    execution_time BIGINT NOT NULL
);
INSERT INTO "_sqlx_migrations" VALUES(1,'claims','2026-11-29 14:54:04',1,X'D21DF92D35FCC9CDE9B5FB9A09AEF4E6C33298748A6EA92F9A76E9069CC70B29F0F801AE0D9173F993DB116C69401047',15764071);
INSERT INTO "_sqlx_migrations" VALUES(2,'followups','2026-11-29 14:54:04',1,X'2E9688E2DBADD26237BFCC8A99FA359CFABD14E22A23CE5511E41BD45B988E8618FE048C2C0FB8C42DAB4D633DF168F2',17851970);
INSERT INTO "_sqlx_migrations" VALUES(3,'keys','2026-11-29 14:54:04',1,X'A2D988B3D99C59F467B57CEACF5FF3611DF291613E90E83B57042C8D561EF0C35D05A3C0B32F08B9F6BFF830188C5B1F',1352996);
INSERT INTO "_sqlx_migrations" VALUES(7,'moves','2026-11-29 14:54:04',1,X'A7CA5081C70CB290A20E92B2FE9B6BA52F1D2097794FCA4B4AE64DDCAE14CA1034504989F9B211F06403D7AD39CAD098',5604333);
INSERT INTO "_sqlx_migrations" VALUES(8,'identity','2026-11-29 14:54:04',1,X'FA6A1061DCAFBB6573A34F8DB998A3FBFE1B379C52DAF7C7689DF6575ED4FC8EC03D6E1746D9E645469003F87B9543C3',6801529);
INSERT INTO "_sqlx_migrations" VALUES(9,'feedback','2026-11-29 14:54:04',1,X'55A334B9B0CAF8406E670A2CB4E293FC41B6F6512A96272DDBFF69660570E5143365284C0939A94CFD73F10D0C3B7462',5812792);
INSERT INTO "_sqlx_migrations" VALUES(11,'links','2026-11-29 14:54:04',1,X'877C474F1600FCF2A01571F3B79CF870C1CC9889FD511A6AF636D58DBD68564D0693CDF1C5842F0471AFDED8A0F4E6A7',9933095);
INSERT INTO "_sqlx_migrations" VALUES(12,'mirror','2026-11-29 14:54:04',1,X'7864EFC34A038A261C03136BAC2F7A6EB6BB936E3703D0D997EA1E080F8DDEE9B7AEB2DF4DFF3A75D08D6BCF14B105A3',8922237);
INSERT INTO "_sqlx_migrations" VALUES(13,'clock','2026-11-29 14:54:04',1,X'22BE18EB4D00653C0F834E5D69972F8FA301501AD657B845E9AAF60A332B9FACA4F97C6E3D65CA6A54A5C6869FA276CD',2781573);
CREATE TABLE access_key (
    -- What stands as the principal of claims and events; revoked keys stay, so that it can be looked up.
    id         TEXT PRIMARY KEY,
    name       TEXT NOT NULL,
    -- 64 hex digits.
    hash       TEXT NOT NULL UNIQUE CHECK (length(hash) = 64),
    -- The one agent as which it may act.
    agent_id   TEXT,
    read_only  INTEGER NOT NULL CHECK (read_only IN (0, 1)),
    -- The repositories that it may see, as a JSON list of names; NULL: all.
    repos      TEXT,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    revoked_at INTEGER
) STRICT;
INSERT INTO "access_key" VALUES('key_d784a8b56ae9','ci','10f9d99df9c7a27eaf6ee4c557b278c5b91ad1bb50fbead16fbadf4516428b49','ci-bot',0,'["acme/api"]',1795964059092,NULL,NULL);
INSERT INTO "access_key" VALUES('key_b95f1b359fe8','old','cb31df08b84c3a8696a8d957536ad55959e9c7ea43e4af787aebf4671ffc00e9',NULL,0,NULL,1795964059195,NULL,1795964059276);
CREATE TABLE allowed_repo (
    key     TEXT PRIMARY KEY,
    repo_id INTEGER NOT NULL REFERENCES repo (id)
) STRICT, WITHOUT ROWID;
CREATE TABLE claim (
    -- Our own short number of it, for the history: ids come in no order, and would spread it over the whole file.
    n            INTEGER PRIMARY KEY,
    claim_id     TEXT NOT NULL UNIQUE,
    repo_id      INTEGER NOT NULL REFERENCES repo (id),
    number       INTEGER NOT NULL CHECK (number > 0),
    agent_id     TEXT NOT NULL,
    principal    TEXT NOT NULL,
    title        TEXT NOT NULL,
    labels       TEXT NOT NULL,
    assignees    TEXT NOT NULL,
    status       TEXT NOT NULL CHECK (status IN
        ('claimed', 'in_progress', 'pr_submitted', 'pr_merged', 'closed', 'released', 'stale')),
    before_stale TEXT CHECK (before_stale IN ('claimed', 'in_progress', 'pr_submitted', 'pr_merged')),
    claimed_at   INTEGER NOT NULL,
    last_updated INTEGER NOT NULL,
    pr_url       TEXT,
    pull_repo_id INTEGER,
    pull_number  INTEGER,
    notice       TEXT
, pull_notice TEXT, github_closed_at INTEGER, link TEXT) STRICT;
INSERT INTO "claim" VALUES(1,'aca4c166-51e7-427f-b4a0-4bce3829b8af',1,1,'a1','api-key','I1','["bug"]','[]','pr_submitted',NULL,1795964059286,1795964060369,'https://github.com/acme/api/pull/13',1,13,NULL,NULL,NULL,'{"v":1,"value":{"origin":"derived","followed":"opened","before":"claimed","replaces":null,"missing":false}}');
INSERT INTO "claim" VALUES(2,'8647e388-1b21-4f48-9259-f6899b672864',1,2,'a2','api-key','I2','["bug"]','[]','stale','in_progress',1795964063628,1795964134982,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "claim" VALUES(3,'a16acf36-c37b-4cac-b586-1745df4fcb9f',1,3,'a3','api-key','I3','["bug"]','[]','closed',NULL,1795964063650,1795964066897,'https://github.com/acme/api/pull/14',1,14,NULL,NULL,1795964066000,'{"v":1,"value":{"origin":"derived","followed":"merged","before":"claimed","replaces":null,"missing":false}}');
INSERT INTO "claim" VALUES(4,'b2c87d7b-50c3-42d5-b4ba-5a138d2055a6',1,4,'a4','api-key','I4','["bug"]','[]','released',NULL,1795964066907,1795964066912,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "claim" VALUES(5,'acd1d8a4-7c61-408f-a4b6-7e968ca4a38e',1,4,'a9','api-key','I4','["bug"]','[]','stale','claimed',1795964069072,1795964134982,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "claim" VALUES(6,'62eeb90a-1504-49b8-8be3-8fa165d9cd3e',1,6,'a6','api-key','I6','["bug"]','[]','stale','claimed',1795964069097,1795964134982,NULL,NULL,NULL,'GitHub answers 410 for this issue: it was deleted',NULL,NULL,NULL);
INSERT INTO "claim" VALUES(7,'56a66f58-a36e-47f6-bd62-00e33c1be3af',1,8,'a8','api-key','I8','["bug"]','[]','closed',NULL,1795964145277,1795964145326,'https://github.com/acme/api/pull/15',1,15,NULL,NULL,NULL,'{"v":1,"value":{"origin":"agent","followed":"nothing","before":null,"replaces":null,"missing":false}}');
CREATE TABLE claim_status (
    claim_n   INTEGER NOT NULL REFERENCES claim (n) ON DELETE CASCADE,
    n         INTEGER NOT NULL,
    status    TEXT NOT NULL,
    timestamp INTEGER NOT NULL,
    note      TEXT,
    PRIMARY KEY (claim_n, n)
) STRICT, WITHOUT ROWID;
INSERT INTO "claim_status" VALUES(1,0,'claimed',1795964059286,NULL);
INSERT INTO "claim_status" VALUES(1,1,'pr_submitted',1795964060369,'A pull request that closes the issue was opened');
INSERT INTO "claim_status" VALUES(2,0,'claimed',1795964063628,NULL);
INSERT INTO "claim_status" VALUES(2,1,'in_progress',1795964063635,'on it');
INSERT INTO "claim_status" VALUES(2,2,'stale',1795964134982,'No sign of life for too long');
INSERT INTO "claim_status" VALUES(3,0,'claimed',1795964063650,NULL);
INSERT INTO "claim_status" VALUES(3,1,'pr_submitted',1795964064719,'A pull request that closes the issue was opened');
INSERT INTO "claim_status" VALUES(3,2,'pr_merged',1795964066876,'Its pull request was merged');
INSERT INTO "claim_status" VALUES(3,3,'closed',1795964066897,'The issue was closed on GitHub');
INSERT INTO "claim_status" VALUES(4,0,'claimed',1795964066907,NULL);
INSERT INTO "claim_status" VALUES(4,1,'released',1795964066912,'no time');
INSERT INTO "claim_status" VALUES(5,0,'claimed',1795964069072,NULL);
INSERT INTO "claim_status" VALUES(5,1,'stale',1795964134982,'No sign of life for too long');
INSERT INTO "claim_status" VALUES(6,0,'claimed',1795964069097,NULL);
INSERT INTO "claim_status" VALUES(6,1,'stale',1795964134982,'No sign of life for too long');
INSERT INTO "claim_status" VALUES(7,0,'claimed',1795964145277,NULL);
INSERT INTO "claim_status" VALUES(7,1,'in_progress',1795964145288,NULL);
INSERT INTO "claim_status" VALUES(7,2,'pr_submitted',1795964145297,NULL);
INSERT INTO "claim_status" VALUES(7,3,'pr_merged',1795964145309,NULL);
INSERT INTO "claim_status" VALUES(7,4,'closed',1795964145326,NULL);
CREATE TABLE delivery (
    -- GitHub's id, or one of ours.
    id           TEXT PRIMARY KEY,
    -- The id that came with it, if one did.
    delivery_id  TEXT,
    event        TEXT NOT NULL,
    auth         TEXT NOT NULL,
    received_at  INTEGER NOT NULL,
    processed_at INTEGER,
    attempts     INTEGER NOT NULL,
    error        TEXT,
    body         TEXT
) STRICT;
INSERT INTO "delivery" VALUES('9e3779b9-7f4a-4000-8001-7f4a7c150000','9e3779b9-7f4a-4000-8001-7f4a7c150000','issues','signature',1795964047183,1795964047183,0,NULL,NULL);
INSERT INTO "delivery" VALUES('3c6ef372-fe94-4000-8002-fe94f82a0000','3c6ef372-fe94-4000-8002-fe94f82a0000','issues','signature',1795964048260,1795964048260,0,NULL,NULL);
INSERT INTO "delivery" VALUES('daa66d2c-7ddf-4000-8003-7ddf743f0000','daa66d2c-7ddf-4000-8003-7ddf743f0000','issues','signature',1795964049339,1795964049339,0,NULL,NULL);
INSERT INTO "delivery" VALUES('78dde6e5-fd29-4000-8004-fd29f0540000','78dde6e5-fd29-4000-8004-fd29f0540000','issues','signature',1795964050429,1795964050429,0,NULL,NULL);
INSERT INTO "delivery" VALUES('1715609f-7c74-4000-8005-7c746c690000','1715609f-7c74-4000-8005-7c746c690000','issues','signature',1795964051501,1795964051501,0,NULL,NULL);
INSERT INTO "delivery" VALUES('b54cda58-fbbe-4000-8006-fbbee87e0000','b54cda58-fbbe-4000-8006-fbbee87e0000','issues','signature',1795964052576,1795964052576,0,NULL,NULL);
INSERT INTO "delivery" VALUES('53845412-7b09-4000-8007-7b0964930000','53845412-7b09-4000-8007-7b0964930000','issues','signature',1795964053648,1795964053648,0,NULL,NULL);
INSERT INTO "delivery" VALUES('f1bbcdcb-fa53-4000-8008-fa53e0a80000','f1bbcdcb-fa53-4000-8008-fa53e0a80000','issues','signature',1795964054721,1795964054721,0,NULL,NULL);
INSERT INTO "delivery" VALUES('8ff34785-799e-4000-8009-799e5cbd0000','8ff34785-799e-4000-8009-799e5cbd0000','issues','signature',1795964055796,1795964055796,0,NULL,NULL);
INSERT INTO "delivery" VALUES('2e2ac13e-f8e8-4000-800a-f8e8d8d20000','2e2ac13e-f8e8-4000-800a-f8e8d8d20000','issues','signature',1795964056868,1795964056868,0,NULL,NULL);
INSERT INTO "delivery" VALUES('cc623af8-7833-4000-800b-783354e70000','cc623af8-7833-4000-800b-783354e70000','issues','signature',1795964057936,1795964057936,0,NULL,NULL);
INSERT INTO "delivery" VALUES('6a99b4b1-f77d-4000-800c-f77dd0fc0000','6a99b4b1-f77d-4000-800c-f77dd0fc0000','issues','signature',1795964059003,1795964059003,0,NULL,NULL);
INSERT INTO "delivery" VALUES('08d12e6b-76c8-4000-800d-76c84d110000','08d12e6b-76c8-4000-800d-76c84d110000','pull_request','signature',1795964060369,1795964060369,0,NULL,NULL);
INSERT INTO "delivery" VALUES('a708a824-f612-4000-800e-f612c9260000','a708a824-f612-4000-800e-f612c9260000','pull_request_review','signature',1795964061443,1795964061443,0,NULL,NULL);
INSERT INTO "delivery" VALUES('454021de-755d-4000-800f-755d453b0000','454021de-755d-4000-800f-755d453b0000','pull_request_review','signature',1795964062515,1795964062515,0,NULL,NULL);
INSERT INTO "delivery" VALUES('e3779b97-f4a7-4000-8010-f4a7c1500000','e3779b97-f4a7-4000-8010-f4a7c1500000','pull_request_review_comment','signature',1795964062535,1795964062535,0,NULL,NULL);
INSERT INTO "delivery" VALUES('81af1551-73f2-4000-8011-73f23d650000','81af1551-73f2-4000-8011-73f23d650000','issue_comment','signature',1795964063616,1795964063616,0,NULL,NULL);
INSERT INTO "delivery" VALUES('1fe68f0a-f33c-4000-8012-f33cb97a0000','1fe68f0a-f33c-4000-8012-f33cb97a0000','pull_request','signature',1795964064719,1795964064719,0,NULL,NULL);
INSERT INTO "delivery" VALUES('be1e08c4-7287-4000-8013-7287358f0000','be1e08c4-7287-4000-8013-7287358f0000','issue_comment','signature',1795964065795,1795964065795,0,NULL,NULL);
INSERT INTO "delivery" VALUES('5c55827d-f1d1-4000-8014-f1d1b1a40000','5c55827d-f1d1-4000-8014-f1d1b1a40000','pull_request','signature',1795964066876,1795964066876,0,NULL,NULL);
INSERT INTO "delivery" VALUES('fa8cfc37-711c-4000-8015-711c2db90000','fa8cfc37-711c-4000-8015-711c2db90000','issues','signature',1795964066897,1795964066897,0,NULL,NULL);
INSERT INTO "delivery" VALUES('98c475f0-f066-4000-8016-f066a9ce0000','98c475f0-f066-4000-8016-f066a9ce0000','pull_request','signature',1795964067985,1795964067985,0,NULL,NULL);
INSERT INTO "delivery" VALUES('36fbefaa-6fb1-4000-8017-6fb125e30000','36fbefaa-6fb1-4000-8017-6fb125e30000','issue_comment','signature',1795964069057,1795964069057,0,NULL,NULL);
INSERT INTO "delivery" VALUES('d5336963-eefb-4000-8018-eefba1f80000','d5336963-eefb-4000-8018-eefba1f80000','issues','signature',1795964070170,1795964070170,0,NULL,NULL);
CREATE TABLE event (
    seq       INTEGER PRIMARY KEY AUTOINCREMENT,
    kind      TEXT NOT NULL,
    at        INTEGER NOT NULL,
    principal TEXT NOT NULL,
    body      TEXT NOT NULL
) STRICT;
INSERT INTO "event" VALUES(1,'sync.reconciled',1795964045059,'system','{"v":1,"details":{"Reconciled":{"repos_scanned":3,"open_issues_seen":0,"newly_opened_issues":0,"externally_closed_claims":0,"metadata_updates":0,"stale_marked":0,"stale_auto_released":0}}}');
INSERT INTO "event" VALUES(2,'webhook.received',1795964047183,'system','{"v":1,"repo":"acme/api","number":1,"details":{"Webhook":{"auth":"signature","event":"issues","delivery":"9e3779b9-7f4a-4000-8001-7f4a7c150000","answer":{"Taken":{"event":"issues","action":"opened","resolved":0}}}}}');
INSERT INTO "event" VALUES(3,'webhook.received',1795964048260,'system','{"v":1,"repo":"acme/api","number":2,"details":{"Webhook":{"auth":"signature","event":"issues","delivery":"3c6ef372-fe94-4000-8002-fe94f82a0000","answer":{"Taken":{"event":"issues","action":"opened","resolved":0}}}}}');
INSERT INTO "event" VALUES(4,'webhook.received',1795964049339,'system','{"v":1,"repo":"acme/api","number":3,"details":{"Webhook":{"auth":"signature","event":"issues","delivery":"daa66d2c-7ddf-4000-8003-7ddf743f0000","answer":{"Taken":{"event":"issues","action":"opened","resolved":0}}}}}');
INSERT INTO "event" VALUES(5,'webhook.received',1795964050429,'system','{"v":1,"repo":"acme/api","number":4,"details":{"Webhook":{"auth":"signature","event":"issues","delivery":"78dde6e5-fd29-4000-8004-fd29f0540000","answer":{"Taken":{"event":"issues","action":"opened","resolved":0}}}}}');
INSERT INTO "event" VALUES(6,'webhook.received',1795964051501,'system','{"v":1,"repo":"acme/api","number":5,"details":{"Webhook":{"auth":"signature","event":"issues","delivery":"1715609f-7c74-4000-8005-7c746c690000","answer":{"Taken":{"event":"issues","action":"opened","resolved":0}}}}}');
INSERT INTO "event" VALUES(7,'webhook.received',1795964052576,'system','{"v":1,"repo":"acme/api","number":6,"details":{"Webhook":{"auth":"signature","event":"issues","delivery":"b54cda58-fbbe-4000-8006-fbbee87e0000","answer":{"Taken":{"event":"issues","action":"opened","resolved":0}}}}}');
INSERT INTO "event" VALUES(8,'webhook.received',1795964053648,'system','{"v":1,"repo":"acme/api","number":7,"details":{"Webhook":{"auth":"signature","event":"issues","delivery":"53845412-7b09-4000-8007-7b0964930000","answer":{"Taken":{"event":"issues","action":"opened","resolved":0}}}}}');
INSERT INTO "event" VALUES(9,'webhook.received',1795964054721,'system','{"v":1,"repo":"acme/api","number":8,"details":{"Webhook":{"auth":"signature","event":"issues","delivery":"f1bbcdcb-fa53-4000-8008-fa53e0a80000","answer":{"Taken":{"event":"issues","action":"opened","resolved":0}}}}}');
INSERT INTO "event" VALUES(10,'webhook.received',1795964055796,'system','{"v":1,"repo":"acme/api","number":9,"details":{"Webhook":{"auth":"signature","event":"issues","delivery":"8ff34785-799e-4000-8009-799e5cbd0000","answer":{"Taken":{"event":"issues","action":"opened","resolved":0}}}}}');
INSERT INTO "event" VALUES(11,'webhook.received',1795964056868,'system','{"v":1,"repo":"acme/api","number":10,"details":{"Webhook":{"auth":"signature","event":"issues","delivery":"2e2ac13e-f8e8-4000-800a-f8e8d8d20000","answer":{"Taken":{"event":"issues","action":"opened","resolved":0}}}}}');
INSERT INTO "event" VALUES(12,'webhook.received',1795964057936,'system','{"v":1,"repo":"acme/api","number":11,"details":{"Webhook":{"auth":"signature","event":"issues","delivery":"cc623af8-7833-4000-800b-783354e70000","answer":{"Taken":{"event":"issues","action":"opened","resolved":0}}}}}');
INSERT INTO "event" VALUES(13,'webhook.received',1795964059003,'system','{"v":1,"repo":"acme/api","number":12,"details":{"Webhook":{"auth":"signature","event":"issues","delivery":"6a99b4b1-f77d-4000-800c-f77dd0fc0000","answer":{"Taken":{"event":"issues","action":"opened","resolved":0}}}}}');
INSERT INTO "event" VALUES(14,'claim.created',1795964059286,'api-key','{"v":1,"claim":"aca4c166-51e7-427f-b4a0-4bce3829b8af","repo":"acme/api","number":1,"agent":"a1","details":{"Created":{"idempotent":false}}}');
INSERT INTO "event" VALUES(15,'claim.updated',1795964060369,'system','{"v":1,"claim":"aca4c166-51e7-427f-b4a0-4bce3829b8af","repo":"acme/api","number":1,"agent":"a1","details":{"Moved":{"source":"webhook","status":"pr_submitted","note":"A pull request that closes the issue was opened"}}}');
INSERT INTO "event" VALUES(16,'webhook.received',1795964060369,'system','{"v":1,"repo":"acme/api","pull":13,"details":{"Webhook":{"auth":"signature","event":"pull_request","delivery":"08d12e6b-76c8-4000-800d-76c84d110000","answer":{"Taken":{"event":"pull_request","action":"opened","resolved":0}}}}}');
INSERT INTO "event" VALUES(17,'followup.created',1795964061443,'system','{"v":1,"item":"3f5d65de-1a8e-460a-acf6-a0374ef187e6","repo":"acme/api","pull":13,"details":{"FollowupCreated":{"kind":"review_changes_requested","source":"review:1025"}}}');
INSERT INTO "event" VALUES(18,'webhook.received',1795964061443,'system','{"v":1,"item":"3f5d65de-1a8e-460a-acf6-a0374ef187e6","repo":"acme/api","pull":13,"details":{"Webhook":{"auth":"signature","event":"pull_request_review","delivery":"a708a824-f612-4000-800e-f612c9260000","answer":{"Feedback":{"kind":"review_changes_requested","source":"review:1025","created":true,"idempotent":false,"item":"3f5d65de-1a8e-460a-acf6-a0374ef187e6","repo":"acme/api","pull":13}}}}}');
INSERT INTO "event" VALUES(19,'webhook.received',1795964062515,'system','{"v":1,"details":{"Webhook":{"auth":"signature","event":"pull_request_review","delivery":"454021de-755d-4000-800f-755d453b0000","answer":{"Ignored":{"NotActionable":"pull_request_review"}}}}}');
INSERT INTO "event" VALUES(20,'followup.updated',1795964062535,'system','{"v":1,"item":"3f5d65de-1a8e-460a-acf6-a0374ef187e6","repo":"acme/api","pull":13,"details":{"FollowupMoved":{"source":"webhook","status":"queued","note":"review_comment:1027 joined"}}}');
INSERT INTO "event" VALUES(21,'webhook.received',1795964062535,'system','{"v":1,"item":"3f5d65de-1a8e-460a-acf6-a0374ef187e6","repo":"acme/api","pull":13,"details":{"Webhook":{"auth":"signature","event":"pull_request_review_comment","delivery":"e3779b97-f4a7-4000-8010-f4a7c1500000","answer":{"Feedback":{"kind":"review_comment","source":"review_comment:1027","created":false,"idempotent":false,"item":"3f5d65de-1a8e-460a-acf6-a0374ef187e6","repo":"acme/api","pull":13}}}}}');
INSERT INTO "event" VALUES(22,'followup.updated',1795964063616,'system','{"v":1,"item":"3f5d65de-1a8e-460a-acf6-a0374ef187e6","repo":"acme/api","pull":13,"details":{"FollowupMoved":{"source":"webhook","status":"queued","note":"issue_comment:1028 joined"}}}');
INSERT INTO "event" VALUES(23,'webhook.received',1795964063616,'system','{"v":1,"item":"3f5d65de-1a8e-460a-acf6-a0374ef187e6","repo":"acme/api","pull":13,"details":{"Webhook":{"auth":"signature","event":"issue_comment","delivery":"81af1551-73f2-4000-8011-73f23d650000","answer":{"Feedback":{"kind":"pr_comment","source":"issue_comment:1028","created":false,"idempotent":false,"item":"3f5d65de-1a8e-460a-acf6-a0374ef187e6","repo":"acme/api","pull":13}}}}}');
INSERT INTO "event" VALUES(24,'claim.created',1795964063628,'api-key','{"v":1,"claim":"8647e388-1b21-4f48-9259-f6899b672864","repo":"acme/api","number":2,"agent":"a2","details":{"Created":{"idempotent":false}}}');
INSERT INTO "event" VALUES(25,'claim.updated',1795964063635,'api-key','{"v":1,"claim":"8647e388-1b21-4f48-9259-f6899b672864","repo":"acme/api","number":2,"agent":"a2","details":{"Moved":{"source":"agent","status":"in_progress","note":"on it"}}}');
INSERT INTO "event" VALUES(26,'claim.created',1795964063650,'api-key','{"v":1,"claim":"a16acf36-c37b-4cac-b586-1745df4fcb9f","repo":"acme/api","number":3,"agent":"a3","details":{"Created":{"idempotent":false}}}');
INSERT INTO "event" VALUES(27,'claim.updated',1795964064719,'system','{"v":1,"claim":"a16acf36-c37b-4cac-b586-1745df4fcb9f","repo":"acme/api","number":3,"agent":"a3","details":{"Moved":{"source":"webhook","status":"pr_submitted","note":"A pull request that closes the issue was opened"}}}');
INSERT INTO "event" VALUES(28,'webhook.received',1795964064719,'system','{"v":1,"repo":"acme/api","pull":14,"details":{"Webhook":{"auth":"signature","event":"pull_request","delivery":"1fe68f0a-f33c-4000-8012-f33cb97a0000","answer":{"Taken":{"event":"pull_request","action":"opened","resolved":0}}}}}');
INSERT INTO "event" VALUES(29,'followup.created',1795964065795,'system','{"v":1,"item":"4d2f9302-62bf-4197-9cd8-8221a5ef0b3c","repo":"acme/api","pull":14,"details":{"FollowupCreated":{"kind":"pr_comment","source":"issue_comment:1031"}}}');
INSERT INTO "event" VALUES(30,'webhook.received',1795964065795,'system','{"v":1,"item":"4d2f9302-62bf-4197-9cd8-8221a5ef0b3c","repo":"acme/api","pull":14,"details":{"Webhook":{"auth":"signature","event":"issue_comment","delivery":"be1e08c4-7287-4000-8013-7287358f0000","answer":{"Feedback":{"kind":"pr_comment","source":"issue_comment:1031","created":true,"idempotent":false,"item":"4d2f9302-62bf-4197-9cd8-8221a5ef0b3c","repo":"acme/api","pull":14}}}}}');
INSERT INTO "event" VALUES(31,'claim.updated',1795964066876,'system','{"v":1,"claim":"a16acf36-c37b-4cac-b586-1745df4fcb9f","repo":"acme/api","number":3,"agent":"a3","details":{"Moved":{"source":"webhook","status":"pr_merged","note":"Its pull request was merged"}}}');
INSERT INTO "event" VALUES(32,'followup.done',1795964066876,'system','{"v":1,"item":"4d2f9302-62bf-4197-9cd8-8221a5ef0b3c","repo":"acme/api","pull":14,"details":{"FollowupMoved":{"source":"webhook","status":"done","note":"The pull request was merged"}}}');
INSERT INTO "event" VALUES(33,'webhook.received',1795964066876,'system','{"v":1,"repo":"acme/api","pull":14,"details":{"Webhook":{"auth":"signature","event":"pull_request","delivery":"5c55827d-f1d1-4000-8014-f1d1b1a40000","answer":{"Taken":{"event":"pull_request","action":"closed","resolved":1}}}}}');
INSERT INTO "event" VALUES(34,'claim.updated',1795964066897,'system','{"v":1,"claim":"a16acf36-c37b-4cac-b586-1745df4fcb9f","repo":"acme/api","number":3,"agent":"a3","details":{"Moved":{"source":"webhook","status":"closed","note":"The issue was closed on GitHub"}}}');
INSERT INTO "event" VALUES(35,'webhook.received',1795964066897,'system','{"v":1,"repo":"acme/api","number":3,"details":{"Webhook":{"auth":"signature","event":"issues","delivery":"fa8cfc37-711c-4000-8015-711c2db90000","answer":{"Taken":{"event":"issues","action":"closed","resolved":0}}}}}');
INSERT INTO "event" VALUES(36,'claim.created',1795964066907,'api-key','{"v":1,"claim":"b2c87d7b-50c3-42d5-b4ba-5a138d2055a6","repo":"acme/api","number":4,"agent":"a4","details":{"Created":{"idempotent":false}}}');
INSERT INTO "event" VALUES(37,'claim.released',1795964066912,'api-key','{"v":1,"claim":"b2c87d7b-50c3-42d5-b4ba-5a138d2055a6","repo":"acme/api","number":4,"agent":"a4","details":{"Moved":{"source":"agent","status":"released","note":"no time"}}}');
INSERT INTO "event" VALUES(38,'webhook.received',1795964067985,'system','{"v":1,"repo":"acme/api","pull":15,"details":{"Webhook":{"auth":"signature","event":"pull_request","delivery":"98c475f0-f066-4000-8016-f066a9ce0000","answer":{"Taken":{"event":"pull_request","action":"opened","resolved":0}}}}}');
INSERT INTO "event" VALUES(39,'followup.created',1795964069057,'system','{"v":1,"item":"15f2e877-9fff-4772-8877-c8f044653280","repo":"acme/api","pull":15,"details":{"FollowupCreated":{"kind":"pr_comment","source":"issue_comment:1039"}}}');
INSERT INTO "event" VALUES(40,'webhook.received',1795964069057,'system','{"v":1,"item":"15f2e877-9fff-4772-8877-c8f044653280","repo":"acme/api","pull":15,"details":{"Webhook":{"auth":"signature","event":"issue_comment","delivery":"36fbefaa-6fb1-4000-8017-6fb125e30000","answer":{"Feedback":{"kind":"pr_comment","source":"issue_comment:1039","created":true,"idempotent":false,"item":"15f2e877-9fff-4772-8877-c8f044653280","repo":"acme/api","pull":15}}}}}');
INSERT INTO "event" VALUES(41,'followup.claimed',1795964069065,'api-key','{"v":1,"item":"3f5d65de-1a8e-460a-acf6-a0374ef187e6","repo":"acme/api","pull":13,"agent":"a1","details":{"FollowupClaimed":{"by":"a1"}}}');
INSERT INTO "event" VALUES(42,'claim.created',1795964069072,'api-key','{"v":1,"claim":"acd1d8a4-7c61-408f-a4b6-7e968ca4a38e","repo":"acme/api","number":4,"agent":"a9","details":{"Created":{"idempotent":false}}}');
INSERT INTO "event" VALUES(43,'followup.updated',1795964069082,'api-key','{"v":1,"item":"15f2e877-9fff-4772-8877-c8f044653280","repo":"acme/api","pull":15,"agent":"a7","details":{"FollowupMoved":{"source":"agent","status":"claimed","note":null}}}');
INSERT INTO "event" VALUES(44,'followup.dismissed',1795964069088,'api-key','{"v":1,"item":"15f2e877-9fff-4772-8877-c8f044653280","repo":"acme/api","pull":15,"agent":"a7","details":{"FollowupMoved":{"source":"agent","status":"dismissed","note":"not now"}}}');
INSERT INTO "event" VALUES(45,'claim.created',1795964069097,'api-key','{"v":1,"claim":"62eeb90a-1504-49b8-8be3-8fa165d9cd3e","repo":"acme/api","number":6,"agent":"a6","details":{"Created":{"idempotent":false}}}');
INSERT INTO "event" VALUES(46,'claim.updated',1795964070170,'system','{"v":1,"claim":"62eeb90a-1504-49b8-8be3-8fa165d9cd3e","repo":"acme/api","number":6,"agent":"a6","details":{"Moved":{"source":"webhook","status":"claimed","note":"GitHub answers 410 for this issue: it was deleted"}}}');
INSERT INTO "event" VALUES(47,'webhook.received',1795964070170,'system','{"v":1,"repo":"acme/api","number":6,"details":{"Webhook":{"auth":"signature","event":"issues","delivery":"d5336963-eefb-4000-8018-eefba1f80000","answer":{"Taken":{"event":"issues","action":"deleted","resolved":0}}}}}');
INSERT INTO "event" VALUES(48,'sync.reconciled',1795964070257,'system','{"v":1,"details":{"Reconciled":{"repos_scanned":3,"open_issues_seen":11,"newly_opened_issues":0,"externally_closed_claims":0,"metadata_updates":0,"stale_marked":0,"stale_auto_released":0}}}');
INSERT INTO "event" VALUES(49,'claim.stale',1795964134982,'system','{"v":1,"claim":"62eeb90a-1504-49b8-8be3-8fa165d9cd3e","repo":"acme/api","number":6,"agent":"a6","details":{"Moved":{"source":"sync","status":"stale","note":"No sign of life for too long"}}}');
INSERT INTO "event" VALUES(50,'claim.stale',1795964134982,'system','{"v":1,"claim":"8647e388-1b21-4f48-9259-f6899b672864","repo":"acme/api","number":2,"agent":"a2","details":{"Moved":{"source":"sync","status":"stale","note":"No sign of life for too long"}}}');
INSERT INTO "event" VALUES(51,'claim.stale',1795964134982,'system','{"v":1,"claim":"acd1d8a4-7c61-408f-a4b6-7e968ca4a38e","repo":"acme/api","number":4,"agent":"a9","details":{"Moved":{"source":"sync","status":"stale","note":"No sign of life for too long"}}}');
INSERT INTO "event" VALUES(52,'claim.created',1795964145277,'api-key','{"v":1,"claim":"56a66f58-a36e-47f6-bd62-00e33c1be3af","repo":"acme/api","number":8,"agent":"a8","details":{"Created":{"idempotent":false}}}');
INSERT INTO "event" VALUES(53,'claim.updated',1795964145288,'api-key','{"v":1,"claim":"56a66f58-a36e-47f6-bd62-00e33c1be3af","repo":"acme/api","number":8,"agent":"a8","details":{"Moved":{"source":"agent","status":"in_progress","note":null}}}');
INSERT INTO "event" VALUES(54,'claim.updated',1795964145297,'api-key','{"v":1,"claim":"56a66f58-a36e-47f6-bd62-00e33c1be3af","repo":"acme/api","number":8,"agent":"a8","details":{"Moved":{"source":"agent","status":"pr_submitted","note":null}}}');
INSERT INTO "event" VALUES(55,'claim.updated',1795964145309,'api-key','{"v":1,"claim":"56a66f58-a36e-47f6-bd62-00e33c1be3af","repo":"acme/api","number":8,"agent":"a8","details":{"Moved":{"source":"agent","status":"pr_merged","note":null}}}');
INSERT INTO "event" VALUES(56,'claim.updated',1795964145326,'api-key','{"v":1,"claim":"56a66f58-a36e-47f6-bd62-00e33c1be3af","repo":"acme/api","number":8,"agent":"a8","details":{"Moved":{"source":"agent","status":"closed","note":null}}}');
CREATE TABLE followup (
    work_item_id   TEXT PRIMARY KEY,
    repo_id        INTEGER NOT NULL REFERENCES repo (id),
    number         INTEGER NOT NULL CHECK (number > 0),
    pr_url         TEXT NOT NULL,
    pr_title       TEXT NOT NULL,
    -- The most urgent of its events: 0 a review that asks for changes, 1 a comment on a line, 2 a comment under the whole.
    kind           INTEGER NOT NULL CHECK (kind BETWEEN 0 AND 2),
    status         TEXT NOT NULL CHECK (status IN ('queued', 'claimed', 'in_progress', 'done', 'dismissed', 'stale')),
    created_at     INTEGER NOT NULL,
    last_updated   INTEGER NOT NULL,
    owner          TEXT,
    claimed_at     INTEGER,
    done_at        INTEGER,
    dismiss_reason TEXT,
    -- When the window of the author's agent begins.
    window_from    INTEGER NOT NULL, concerns TEXT,
    CHECK (status NOT IN ('claimed', 'in_progress') OR owner IS NOT NULL)
) STRICT;
INSERT INTO "followup" VALUES('3f5d65de-1a8e-460a-acf6-a0374ef187e6',1,13,'https://github.com/acme/api/pull/13','P',0,'claimed',1795964061443,1795964069065,'a1',1795964069065,NULL,NULL,1795964061443,',1,');
INSERT INTO "followup" VALUES('4d2f9302-62bf-4197-9cd8-8221a5ef0b3c',1,14,'https://github.com/acme/api/pull/14','P3',2,'done',1795964065795,1795964066876,NULL,NULL,1795964066876,NULL,1795964065795,'');
INSERT INTO "followup" VALUES('15f2e877-9fff-4772-8877-c8f044653280',1,15,'https://github.com/acme/api/pull/15','P5',2,'dismissed',1795964069057,1795964069088,'a7',1795964069082,NULL,'not now',1795964069057,'');
CREATE TABLE followup_source (
    source_event_id TEXT PRIMARY KEY,
    repo_id         INTEGER NOT NULL REFERENCES repo (id),
    number          INTEGER NOT NULL CHECK (number > 0),
    -- The item that took it, which it outlives; NULL when it was over before it was seen.
    work_item_id    TEXT,
    -- Its place in that item, counted from 0.
    n               INTEGER,
    -- Why it asks for nothing any more.
    ended           TEXT,
    -- Who said what and where, while its item is kept.
    data            TEXT
, facts TEXT) STRICT;
INSERT INTO "followup_source" VALUES('review:1025',1,13,'3f5d65de-1a8e-460a-acf6-a0374ef187e6',0,NULL,'{"v":1,"value":{"id":"review:1025","kind":"review_changes_requested","delivery":"a708a824-f612-4000-800e-f612c9260000","requested_by":"mia","author_association":"COLLABORATOR","body":"Change this #1","url":"https://github.com/acme/api/pull/13#pullrequestreview-1025","path":null,"line":null,"created_at":1795964061000,"updated_at":null,"start_line":null,"side":null,"original_line":null,"hunk":null,"in_reply_to":null,"review":null,"hidden":false,"unseen":false,"ended":null}}','{"v":1,"value":{"said_at":1795964061000,"version":1795964070226,"digest":8718503194367191385,"reviewer":["mia",1795964061000],"answered":false,"pushed":false,"dismissed":false,"gone":false,"hidden":false,"replaced":false,"thread":null}}');
INSERT INTO "followup_source" VALUES('review_comment:1027',1,13,'3f5d65de-1a8e-460a-acf6-a0374ef187e6',1,NULL,'{"v":1,"value":{"id":"review_comment:1027","kind":"review_comment","delivery":"e3779b97-f4a7-4000-8010-f4a7c1500000","requested_by":"mia","author_association":"COLLABORATOR","body":"lines five to nine","url":"https://github.com/acme/api/pull/13#discussion_r1027","path":"src/lib.rs","line":9,"created_at":1795964062000,"updated_at":1795964062000,"start_line":5,"side":"RIGHT","original_line":9,"hunk":"@@ -1,3 +1,4 @@","in_reply_to":null,"review":1026,"hidden":false,"unseen":false,"ended":null}}','{"v":1,"value":{"said_at":1795964062000,"version":1795964062000,"digest":1363036792385053175,"reviewer":null,"answered":false,"pushed":false,"dismissed":false,"gone":false,"hidden":false,"replaced":false,"thread":null}}');
INSERT INTO "followup_source" VALUES('issue_comment:1028',1,13,'3f5d65de-1a8e-460a-acf6-a0374ef187e6',2,NULL,'{"v":1,"value":{"id":"issue_comment:1028","kind":"pr_comment","delivery":"81af1551-73f2-4000-8011-73f23d650000","requested_by":"mia","author_association":"COLLABORATOR","body":"and this","url":"https://github.com/acme/api/pull/13#issuecomment-1028","path":null,"line":null,"created_at":1795964063000,"updated_at":1795964063000,"start_line":null,"side":null,"original_line":null,"hunk":null,"in_reply_to":null,"review":null,"hidden":false,"unseen":false,"ended":null}}','{"v":1,"value":{"said_at":1795964063000,"version":1795964063000,"digest":4490031769746230018,"reviewer":null,"answered":false,"pushed":false,"dismissed":false,"gone":false,"hidden":false,"replaced":false,"thread":null}}');
INSERT INTO "followup_source" VALUES('issue_comment:1031',1,14,'4d2f9302-62bf-4197-9cd8-8221a5ef0b3c',0,'merged','{"v":1,"value":{"id":"issue_comment:1031","kind":"pr_comment","delivery":"be1e08c4-7287-4000-8013-7287358f0000","requested_by":"mia","author_association":"COLLABORATOR","body":"look at this","url":"https://github.com/acme/api/pull/14#issuecomment-1031","path":null,"line":null,"created_at":1795964065000,"updated_at":1795964065000,"start_line":null,"side":null,"original_line":null,"hunk":null,"in_reply_to":null,"review":null,"hidden":false,"unseen":false,"ended":null}}','{"v":1,"value":{"said_at":1795964065000,"version":1795964065000,"digest":5138694225353850289,"reviewer":null,"answered":false,"pushed":false,"dismissed":false,"gone":false,"hidden":false,"replaced":false,"thread":null}}');
INSERT INTO "followup_source" VALUES('issue_comment:1039',1,15,'15f2e877-9fff-4772-8877-c8f044653280',0,'answered','{"v":1,"value":{"id":"issue_comment:1039","kind":"pr_comment","delivery":"36fbefaa-6fb1-4000-8017-6fb125e30000","requested_by":"mia","author_association":"COLLABORATOR","body":"nobody holds this","url":"https://github.com/acme/api/pull/15#issuecomment-1039","path":null,"line":null,"created_at":1795964069000,"updated_at":1795964069000,"start_line":null,"side":null,"original_line":null,"hunk":null,"in_reply_to":null,"review":null,"hidden":false,"unseen":false,"ended":null}}','{"v":1,"value":{"said_at":1795964069000,"version":1795964069000,"digest":12356461675142029316,"reviewer":null,"answered":true,"pushed":false,"dismissed":false,"gone":false,"hidden":false,"replaced":false,"thread":null}}');
CREATE TABLE followup_status (
    work_item_id TEXT NOT NULL REFERENCES followup (work_item_id) ON DELETE CASCADE,
    n            INTEGER NOT NULL,
    status       TEXT NOT NULL,
    timestamp    INTEGER NOT NULL,
    note         TEXT,
    PRIMARY KEY (work_item_id, n)
) STRICT, WITHOUT ROWID;
INSERT INTO "followup_status" VALUES('15f2e877-9fff-4772-8877-c8f044653280',0,'queued',1795964069057,'Created from webhook event');
INSERT INTO "followup_status" VALUES('15f2e877-9fff-4772-8877-c8f044653280',1,'claimed',1795964069082,NULL);
INSERT INTO "followup_status" VALUES('15f2e877-9fff-4772-8877-c8f044653280',2,'dismissed',1795964069088,'not now');
INSERT INTO "followup_status" VALUES('3f5d65de-1a8e-460a-acf6-a0374ef187e6',0,'queued',1795964061443,'Created from webhook event');
INSERT INTO "followup_status" VALUES('3f5d65de-1a8e-460a-acf6-a0374ef187e6',1,'claimed',1795964069065,'Claimed by a1');
INSERT INTO "followup_status" VALUES('4d2f9302-62bf-4197-9cd8-8221a5ef0b3c',0,'queued',1795964065795,'Created from webhook event');
INSERT INTO "followup_status" VALUES('4d2f9302-62bf-4197-9cd8-8221a5ef0b3c',1,'done',1795964066876,'The pull request was merged');
CREATE TABLE idempotency (
    principal TEXT NOT NULL,
    key       TEXT NOT NULL,
    request   TEXT NOT NULL,
    answer    TEXT NOT NULL,
    at        INTEGER NOT NULL,
    PRIMARY KEY (principal, key)
) STRICT, WITHOUT ROWID;
INSERT INTO "idempotency" VALUES('api-key','nine','b5ce1cbb64bc6c7f88d747becc7b45cae37ca28f043526319d413d4664c0fa04','{"v":1,"value":{"Claim":{"claim":{"id":"acd1d8a4-7c61-408f-a4b6-7e968ca4a38e","agent":"a9","principal":"api-key","repo":1,"repo_name":"acme/api","number":4,"title":"I4","labels":["bug"],"assignees":[],"status":"claimed","before_stale":null,"claimed_at":1795964069072,"last_updated":1795964069072,"history":[{"status":"claimed","timestamp":1795964069072,"note":null}],"earlier":0,"pr_url":null,"pull":null,"link":null,"notice":null,"pull_notice":null,"github_closed_at":null},"issue":{"repo":1,"repo_name":"acme/api","facts":{"number":4,"title":"I4","body":"","state":"open","labels":["bug"],"assignees":[],"milestone":null,"author":"mia","created_at":1795964050000,"updated_at":1795964050000,"url":"https://github.com/acme/api/issues/4"},"rank":"medium","doubt":null,"checked_at":1795964050429,"etag":null},"idempotent":false,"outbox":null}}}',1795964069072);
INSERT INTO "idempotency" VALUES('api-key','once','0cafc119a346b27a1f4a2c47e56255768dc56157e7fe8e07cc28dd7d48491ccb','{"v":1,"value":{"Claim":{"claim":{"id":"aca4c166-51e7-427f-b4a0-4bce3829b8af","agent":"a1","principal":"api-key","repo":1,"repo_name":"acme/api","number":1,"title":"I1","labels":["bug"],"assignees":[],"status":"claimed","before_stale":null,"claimed_at":1795964059286,"last_updated":1795964059286,"history":[{"status":"claimed","timestamp":1795964059286,"note":null}],"earlier":0,"pr_url":null,"pull":null,"link":null,"notice":null,"pull_notice":null,"github_closed_at":null},"issue":null,"idempotent":false,"outbox":null}}}',1795964059286);
CREATE TABLE issue (
    repo_id          INTEGER NOT NULL REFERENCES repo (id),
    number           INTEGER NOT NULL CHECK (number > 0),
    rank             INTEGER NOT NULL CHECK (rank BETWEEN 0 AND 3),
    state            TEXT NOT NULL CHECK (state IN ('open', 'closed')),
    created_at       INTEGER NOT NULL,
    updated_at       INTEGER NOT NULL,
    checked_at       INTEGER NOT NULL,
    doubt            TEXT CHECK (doubt IN ('not_found', 'gone', 'moved', 'called_closed', 'closing')),
    doubt_at         INTEGER,
    title            TEXT NOT NULL,
    labels           TEXT NOT NULL,
    assignees        TEXT NOT NULL,
    milestone_number INTEGER,
    milestone_title  TEXT,
    author           TEXT,
    url              TEXT NOT NULL,
    etag             TEXT,
    -- Last, because it is long and may spill onto pages of its own.
    body             TEXT NOT NULL, doubt_detail TEXT CHECK (doubt_detail IN ('close_failed')),
    PRIMARY KEY (repo_id, number),
    CHECK ((doubt IS NULL) = (doubt_at IS NULL))
) STRICT;
INSERT INTO "issue" VALUES(1,1,2,'open',1795964047000,1795964047000,1795964047183,NULL,NULL,'I1','["bug"]','[]',NULL,NULL,'mia','https://github.com/acme/api/issues/1',NULL,'',NULL);
INSERT INTO "issue" VALUES(1,2,2,'open',1795964048000,1795964048000,1795964048260,NULL,NULL,'I2','["bug"]','[]',NULL,NULL,'mia','https://github.com/acme/api/issues/2',NULL,'',NULL);
INSERT INTO "issue" VALUES(1,3,2,'closed',1795964049000,1795964066000,1795964066897,NULL,NULL,'I3','["bug"]','[]',NULL,NULL,'mia','https://github.com/acme/api/issues/3',NULL,'',NULL);
INSERT INTO "issue" VALUES(1,4,2,'open',1795964050000,1795964050000,1795964050429,NULL,NULL,'I4','["bug"]','[]',NULL,NULL,'mia','https://github.com/acme/api/issues/4',NULL,'',NULL);
INSERT INTO "issue" VALUES(1,5,2,'open',1795964051000,1795964051000,1795964051501,NULL,NULL,'I5','["bug"]','[]',NULL,NULL,'mia','https://github.com/acme/api/issues/5',NULL,'',NULL);
INSERT INTO "issue" VALUES(1,6,2,'open',1795964052000,1795964052000,1795964070170,'gone',1795964070170,'I6','["bug"]','[]',NULL,NULL,'mia','https://github.com/acme/api/issues/6',NULL,'',NULL);
INSERT INTO "issue" VALUES(1,7,2,'open',1795964053000,1795964053000,1795964053648,NULL,NULL,'I7','["bug"]','[]',NULL,NULL,'mia','https://github.com/acme/api/issues/7',NULL,'',NULL);
INSERT INTO "issue" VALUES(1,8,2,'open',1795964054000,1795964054000,1795964145274,'closing',1795964145326,'I8','["bug"]','[]',NULL,NULL,'mia','https://github.com/acme/api/issues/8','217edbca4b104d88:W/"c434dba7f839de29d14a0d16b49b76d7"','',NULL);
INSERT INTO "issue" VALUES(1,9,2,'open',1795964055000,1795964055000,1795964055796,NULL,NULL,'I9','["bug"]','[]',NULL,NULL,'mia','https://github.com/acme/api/issues/9',NULL,'',NULL);
INSERT INTO "issue" VALUES(1,10,2,'open',1795964056000,1795964056000,1795964056868,NULL,NULL,'I10','["bug"]','[]',NULL,NULL,'mia','https://github.com/acme/api/issues/10',NULL,'',NULL);
INSERT INTO "issue" VALUES(1,11,2,'open',1795964057000,1795964057000,1795964057936,NULL,NULL,'I11','["bug"]','[]',NULL,NULL,'mia','https://github.com/acme/api/issues/11',NULL,'',NULL);
INSERT INTO "issue" VALUES(1,12,2,'open',1795964058000,1795964058000,1795964059003,NULL,NULL,'I12','["bug"]','[]',NULL,NULL,'mia','https://github.com/acme/api/issues/12',NULL,'',NULL);
CREATE TABLE issue_tag (
    repo_id INTEGER NOT NULL,
    number  INTEGER NOT NULL,
    tag     TEXT NOT NULL,
    PRIMARY KEY (repo_id, number, tag)
) STRICT, WITHOUT ROWID;
INSERT INTO "issue_tag" VALUES(1,1,'l:bug');
INSERT INTO "issue_tag" VALUES(1,2,'l:bug');
INSERT INTO "issue_tag" VALUES(1,4,'l:bug');
INSERT INTO "issue_tag" VALUES(1,5,'l:bug');
INSERT INTO "issue_tag" VALUES(1,6,'l:bug');
INSERT INTO "issue_tag" VALUES(1,7,'l:bug');
INSERT INTO "issue_tag" VALUES(1,8,'l:bug');
INSERT INTO "issue_tag" VALUES(1,9,'l:bug');
INSERT INTO "issue_tag" VALUES(1,10,'l:bug');
INSERT INTO "issue_tag" VALUES(1,11,'l:bug');
INSERT INTO "issue_tag" VALUES(1,12,'l:bug');
CREATE TABLE lease (
    name   TEXT PRIMARY KEY,
    holder TEXT NOT NULL,
    epoch  INTEGER NOT NULL,
    until  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO "lease" VALUES('background','20865-1069fe9d-07e4-45ce-9535-204cc4da5033',1,1795964146094);
INSERT INTO "lease" VALUES('first-sync:acme/api','20865-1069fe9d-07e4-45ce-9535-204cc4da5033/0',1,1795964045014);
INSERT INTO "lease" VALUES('first-sync:acme/sec','20865-1069fe9d-07e4-45ce-9535-204cc4da5033/1',1,1795964045033);
INSERT INTO "lease" VALUES('first-sync:acme/web','20865-1069fe9d-07e4-45ce-9535-204cc4da5033/2',1,1795964045045);
INSERT INTO "lease" VALUES('sync','20865-1069fe9d-07e4-45ce-9535-204cc4da5033/3',1,1795964070262);
CREATE TABLE meta (
    id              INTEGER PRIMARY KEY CHECK (id = 1),
    -- The latest moment that anything was written: time never goes back behind it.
    last_now        INTEGER NOT NULL DEFAULT 0,
    -- Claims that were made and are kept no longer.
    trimmed_claims  INTEGER NOT NULL DEFAULT 0,
    last_sync       INTEGER,
    priority_source TEXT
, database_id TEXT NOT NULL DEFAULT '', writes INTEGER NOT NULL DEFAULT 0, clock TEXT) STRICT;
INSERT INTO "meta" VALUES(1,1795964146094,0,1795964070257,'rules 2: critical=critical,p0,sev0,sev1,s0,s1,urgent,blocker,highest,emergency,showstopper,asap;high=high,p1,sev2,s2,important,major;medium=medium,p2,sev3,s3,normal,moderate,default;low=low,p3,p4,p5,sev4,sev5,s4,minor,lowest,trivial,nice to have,someday,backlog','b7757380d6e68c034cf5e0f8cddf76f0',87,NULL);
CREATE TABLE open_pull (
    repo_id INTEGER NOT NULL REFERENCES repo (id),
    number  INTEGER NOT NULL CHECK (number > 0),
    PRIMARY KEY (repo_id, number)
) STRICT, WITHOUT ROWID;
INSERT INTO "open_pull" VALUES(1,13);
INSERT INTO "open_pull" VALUES(1,15);
CREATE TABLE outbox (
    id       TEXT PRIMARY KEY,
    write    TEXT NOT NULL,
    claim_id TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    due      INTEGER NOT NULL,
    error    TEXT
) STRICT;
INSERT INTO "outbox" VALUES('59a8e37f-26a6-4600-b786-838514a7ad77','{"v":1,"value":{"CloseIssue":{"repo":"acme/api","number":8}}}','56a66f58-a36e-47f6-bd62-00e33c1be3af',1,1795964176077,'GET /repos/acme/api/issues/8: error sending request: client error (Connect): tcp connect error: Connection refused (os error 111)');
CREATE TABLE pr_hold (
    repo_id  INTEGER NOT NULL REFERENCES repo (id),
    number   INTEGER NOT NULL,
    agent_id TEXT NOT NULL,
    PRIMARY KEY (repo_id, number)
) STRICT, WITHOUT ROWID;
INSERT INTO "pr_hold" VALUES(1,13,'a1');
CREATE TABLE pull_closes (
    repo_id INTEGER NOT NULL REFERENCES repo (id),
    number  INTEGER NOT NULL CHECK (number > 0),
    issue   INTEGER NOT NULL CHECK (issue > 0),
    -- It is open, and by somebody who may write there.
    candidate INTEGER NOT NULL CHECK (candidate IN (0, 1)),
    PRIMARY KEY (repo_id, number, issue)
) STRICT, WITHOUT ROWID;
INSERT INTO "pull_closes" VALUES(1,13,1,1);
INSERT INTO "pull_closes" VALUES(1,14,3,0);
CREATE TABLE pull_request (
    repo_id    INTEGER NOT NULL REFERENCES repo (id),
    number     INTEGER NOT NULL CHECK (number > 0),
    pushed_at  INTEGER,
    cut_at     INTEGER,
    validators TEXT NOT NULL,
    -- What GitHub said last: title, address, open, merged, head, what it closes …
    facts      TEXT NOT NULL, activity TEXT, closing TEXT,
    PRIMARY KEY (repo_id, number)
) STRICT;
INSERT INTO "pull_request" VALUES(1,13,NULL,NULL,'{"v":1,"value":{"pull":"217edbca4b104d88:W/\"4d6a1268f4295736ec9cc474a8055353\"","reviews":"217edbca4b104d88:W/\"5395065a3e2c12f8a87def55368f5567\"","review_comments":"217edbca4b104d88:W/\"6bcd834863109bba49be682cdc419f6c\"","comments":"217edbca4b104d88:W/\"d6cf2beb07fd1788dec86ca4dfc3e2ae\""}}','{"v":1,"value":{"number":13,"title":"P","url":"https://github.com/acme/api/pull/13","open":true,"merged":false,"head":"3faf6c43aaa5d7eb7554bafd67f5ed88000003ff","updated_at":1795964063000,"has_text":true,"closes":[["acme/api",1]],"trusted":true,"author":"ann","branch":"b1","base":"main","base_sha":"a177f28a2b5b5bd6456b6b7ad42efe51000003fe","created_at":1795964060000,"closed_at":null,"merged_at":null}}','{"v":1,"value":{"state_at":1795964063000,"verdicts":{},"heads":{"3faf6c43aaa5d7eb7554bafd67f5ed88000003ff":{"shown":true,"at":1795964063000,"pushed_at":null,"looked_up":false,"merges_base_into":null}}}}','{"v":1,"value":{"issues":[1],"said_at":1795964063000,"rank":2,"added":{},"reopened_at":null}}');
INSERT INTO "pull_request" VALUES(1,14,NULL,NULL,'{"v":1,"value":{"pull":null,"reviews":null,"review_comments":null,"comments":null}}','{"v":1,"value":{"number":14,"title":"P3","url":"https://github.com/acme/api/pull/14","open":false,"merged":true,"head":"f4fc469ca664c06994cc980d3e9f88d300000405","updated_at":1795964066000,"has_text":true,"closes":[["acme/api",3]],"trusted":true,"author":"ann","branch":"b3","base":"main","base_sha":"a177f28a2b5b5bd6456b6b7ad42efe51000003fe","created_at":1795964064000,"closed_at":1795964066000,"merged_at":1795964066000}}','{"v":1,"value":{"state_at":1795964066000,"verdicts":{},"heads":{"f4fc469ca664c06994cc980d3e9f88d300000405":{"shown":true,"at":1795964066000,"pushed_at":null,"looked_up":false,"merges_base_into":null}}}}','{"v":1,"value":{"issues":[3],"said_at":1795964066000,"rank":1,"added":{},"reopened_at":null}}');
INSERT INTO "pull_request" VALUES(1,15,NULL,NULL,'{"v":1,"value":{"pull":null,"reviews":null,"review_comments":null,"comments":null}}','{"v":1,"value":{"number":15,"title":"P5","url":"https://github.com/acme/api/pull/15","open":true,"merged":false,"head":"e6b81468a0b8a111141714223cd7028d0000040d","updated_at":1795964067000,"has_text":true,"closes":[],"trusted":true,"author":"ann","branch":"b5","base":"main","base_sha":"cfa2b3c9244434a82488869519f4567900000408","created_at":1795964067000,"closed_at":null,"merged_at":null}}','{"v":1,"value":{"state_at":1795964069000,"verdicts":{},"heads":{"e6b81468a0b8a111141714223cd7028d0000040d":{"shown":true,"at":1795964067000,"pushed_at":null,"looked_up":false,"merges_base_into":null}}}}','{"v":1,"value":{"issues":[],"said_at":1795964067000,"rank":0,"added":{},"reopened_at":null}}');
CREATE TABLE queue (
    rank       INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    repo_id    INTEGER NOT NULL,
    number     INTEGER NOT NULL,
    PRIMARY KEY (rank, created_at, repo_id, number)
) STRICT, WITHOUT ROWID;
INSERT INTO "queue" VALUES(2,1795964051000,1,5);
INSERT INTO "queue" VALUES(2,1795964053000,1,7);
INSERT INTO "queue" VALUES(2,1795964055000,1,9);
INSERT INTO "queue" VALUES(2,1795964056000,1,10);
INSERT INTO "queue" VALUES(2,1795964057000,1,11);
INSERT INTO "queue" VALUES(2,1795964058000,1,12);
CREATE TABLE repo (
    id          INTEGER PRIMARY KEY,
    -- 0 while GitHub has not said it.
    github_id   INTEGER NOT NULL,
    name        TEXT NOT NULL,
    -- The name in lower case. Not unique: two repositories may have had it one after the other, see repo_alias.
    key         TEXT NOT NULL,
    url         TEXT NOT NULL,
    description TEXT,
    private     INTEGER NOT NULL CHECK (private IN (0, 1)),
    archived    INTEGER NOT NULL CHECK (archived IN (0, 1)),
    open_count  INTEGER NOT NULL,
    offered     INTEGER NOT NULL CHECK (offered IN (0, 1)),
    synced_at   INTEGER,
    polled_at   INTEGER,
    watermark   INTEGER,
    etag        TEXT
, unseen INTEGER NOT NULL DEFAULT 0, full_at INTEGER, count_gap INTEGER NOT NULL DEFAULT 0, count_runs INTEGER NOT NULL DEFAULT 0) STRICT;
INSERT INTO "repo" VALUES(1,1006,'acme/api','acme/api','https://github.com/acme/api',NULL,0,0,12,1,1795964045010,1795964070200,1795964069000,NULL,0,1795964045005,0,0);
INSERT INTO "repo" VALUES(2,1008,'acme/sec','acme/sec','https://github.com/acme/sec',NULL,0,0,0,1,1795964045029,1795964070215,1795963745021,'217edbca4b104d88:W/"3093b95e391fd0a1f471cddd67d484ee"',0,1795964045021,0,0);
INSERT INTO "repo" VALUES(3,1007,'acme/web','acme/web','https://github.com/acme/web',NULL,0,0,0,1,1795964045043,1795964070221,1795963745038,'217edbca4b104d88:W/"3093b95e391fd0a1f471cddd67d484ee"',0,1795964045038,0,0);
CREATE TABLE repo_alias (
    key     TEXT PRIMARY KEY,
    repo_id INTEGER NOT NULL REFERENCES repo (id)
) STRICT, WITHOUT ROWID;
INSERT INTO "repo_alias" VALUES('acme/api',1);
INSERT INTO "repo_alias" VALUES('acme/sec',2);
INSERT INTO "repo_alias" VALUES('acme/web',3);
CREATE TABLE sync_failure (
    -- As people name it: repositories, owner/name, owner/name#number.
    subject TEXT PRIMARY KEY,
    -- NULL where it is the list of repositories.
    repo    TEXT,
    -- The issue or pull request; NULL where it is the whole repository.
    number  INTEGER,
    since   INTEGER NOT NULL,
    reason  TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX repo_github ON repo (github_id) WHERE github_id <> 0;
CREATE INDEX repo_key ON repo (key);
CREATE INDEX issue_open ON issue (repo_id) WHERE state = 'open';
CREATE INDEX issue_doubt ON issue (repo_id, doubt_at) WHERE doubt IS NOT NULL;
CREATE UNIQUE INDEX queue_repo ON queue (repo_id, rank, created_at, number);
CREATE INDEX issue_tag_tag ON issue_tag (tag, repo_id, number);
CREATE UNIQUE INDEX claim_active ON claim (repo_id, number) WHERE status NOT IN ('closed', 'released');
CREATE INDEX claim_agent ON claim (agent_id) WHERE status NOT IN ('closed', 'released');
CREATE INDEX claim_expiry ON claim (status, last_updated) WHERE status NOT IN ('closed', 'released');
CREATE INDEX claim_ended ON claim (last_updated, claim_id) WHERE status IN ('closed', 'released');
CREATE INDEX outbox_due ON outbox (due, id);
CREATE INDEX idempotency_at ON idempotency (at);
CREATE INDEX claim_pull ON claim (pull_repo_id, pull_number)
    WHERE pull_repo_id IS NOT NULL AND status NOT IN ('closed', 'released');
CREATE INDEX followup_open ON followup (repo_id, number) WHERE status NOT IN ('done', 'dismissed');
CREATE INDEX followup_waiting ON followup (kind, created_at, work_item_id) WHERE status IN ('queued', 'stale');
CREATE INDEX followup_expiry ON followup (last_updated) WHERE status IN ('queued', 'claimed', 'in_progress');
CREATE INDEX followup_ended ON followup (last_updated, work_item_id) WHERE status IN ('done', 'dismissed');
CREATE INDEX followup_source_item ON followup_source (work_item_id, n) WHERE work_item_id IS NOT NULL;
CREATE INDEX delivery_waiting ON delivery (received_at, id) WHERE processed_at IS NULL;
CREATE INDEX delivery_taken ON delivery (received_at, id) WHERE processed_at IS NOT NULL;
CREATE UNIQUE INDEX access_key_name ON access_key (name) WHERE revoked_at IS NULL;
CREATE INDEX issue_close_failed ON issue (doubt_at, repo_id, number) WHERE doubt_detail = 'close_failed';
CREATE INDEX claim_reopen ON claim (repo_id, number) WHERE github_closed_at IS NOT NULL;
CREATE INDEX repo_alias_repo ON repo_alias (repo_id);
CREATE INDEX followup_source_suspended ON followup_source (repo_id, number) WHERE ended = 'closed';
CREATE INDEX claim_replaced ON claim (link->>'$.value.replaces.pull[0]', link->>'$.value.replaces.pull[1]')
    WHERE link->>'$.value.replaces.pull[0]' IS NOT NULL;
CREATE INDEX pull_closes_issue ON pull_closes (repo_id, issue, number) WHERE candidate = 1;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('event',56);
COMMIT;
