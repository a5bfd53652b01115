//! Requests of the contract with a few errors in each.

use issuecommand_github_emulator::sign;

/// One request as bytes.
pub(super) struct Fuzzed {
    pub(super) bytes: Vec<u8>,
    /// It is complete, so that there must be a response.
    pub(super) is_whole: bool,
    /// It is a `HEAD`, whose response has no body.
    pub(super) is_head: bool,
    /// It has a valid key or signature, or needs none.
    pub(super) may_succeed: bool,
}

const METHODS: [&str; 10] = [
    "GET", "GET", "POST", "POST", "PATCH", "DELETE", "PUT", "HEAD", "OPTIONS", "BREW",
];

const PATHS: [&str; 16] = [
    "/api/repos",
    "/api/repos/acme/api/issues",
    "/api/issues/acme/api/2",
    "/api/next",
    "/api/next-work",
    "/api/claims",
    "/api/claims/CLAIM",
    "/api/followups",
    "/api/followups/00000000-0000-4000-8000-000000000000",
    "/api/my-work?agent_id=ann",
    "/api/health",
    "/api/webhooks/github",
    "/healthz",
    "/readyz",
    "/metrics",
    "/",
];

const BODIES: [&str; 11] = [
    r#"{"agent_id":"ann","repo":"acme/api","issue_number":2}"#,
    r#"{"agent_id":"bob","repo":"acme/api","issue_number":1}"#,
    r#"{"agent_id":"bob","repo":"acme/none","issue_number":7}"#,
    r#"{"agent_id":"ann","status":"in_progress","note":"on it","pr_url":"https://github.com/acme/api/pull/9"}"#,
    r#"{"agent_id":"bob","status":"released"}"#,
    r#"{"agent_id":"ann","reason":"no time"}"#,
    r#"{"agent_id":"eve","label":"bug","milestone":"1"}"#,
    r#"{"action":"created","repository":{"id":1,"full_name":"acme/api"},"issue":{"number":2,"pull_request":{}},"comment":{"id":7,"body":"Why?","user":{"login":"eve"}}}"#,
    r#"{"action":"closed","repository":{"id":1,"full_name":"acme/api"},"issue":{"number":3,"state":"closed"}}"#,
    "[]",
    "",
];

const TOKENS: [&str; 18] = [
    "null",
    "true",
    "-1",
    "1e400",
    "NaN",
    "\"\"",
    "[]",
    "{}",
    "\\u0000",
    "\\ud800",
    "\u{202e}",
    "../..",
    "%00",
    "%ff",
    "' OR 1=1 --",
    "${jndi:x}",
    "\r\n",
    "9999999999999999999999",
];

const EVENTS: [&str; 6] = [
    "issue_comment",
    "issues",
    "pull_request",
    "pull_request_review",
    "ping",
    "\u{e4}",
];

/// A generator of requests.
pub(super) struct Requests {
    random: fastrand::Rng,
    claim: String,
}

impl Requests {
    /// A sequence determined by its seed.
    pub(super) fn new(seed: u64, claim: &str) -> Self {
        Self {
            random: fastrand::Rng::with_seed(seed),
            claim: claim.to_owned(),
        }
    }

    fn below(&mut self, limit: usize) -> usize {
        self.random.usize(..limit)
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    fn one_of<T: Copy>(&mut self, things: &[T]) -> T {
        things[self.below(things.len())]
    }

    /// With bytes changed, left out, doubled, or inserted.
    fn mutated(&mut self, mut bytes: Vec<u8>, rounds: usize) -> Vec<u8> {
        for _ in 0..rounds {
            let at = self.below(bytes.len() + 1);
            match self.below(6) {
                0 if at < bytes.len() => bytes[at] = u8::try_from(self.below(256)).unwrap(),
                1 if at < bytes.len() => {
                    bytes.remove(at);
                }
                2 => drop(bytes.splice(at..at, self.one_of(&TOKENS).bytes())),
                3 => {
                    let end = at + self.below(bytes.len() - at + 1);
                    let part = bytes[at..end].to_vec();
                    drop(bytes.splice(at..at, part));
                }
                4 => drop(bytes.drain(at..at + self.below(bytes.len() - at + 1))),
                _ => {
                    let many = [b'[', b'{', b' ', b'9', b'a', 0xC3][self.below(6)];
                    let run = vec![many; self.below(300)];
                    drop(bytes.splice(at..at, run));
                }
            }
        }
        bytes
    }

    /// Bytes that do not end the request line.
    fn path(&mut self) -> Vec<u8> {
        let path = self.one_of(&PATHS).replace("CLAIM", &self.claim);
        let rounds = if self.one_in(3) { 1 + self.below(3) } else { 0 };
        let mut path = self.mutated(path.into_bytes(), rounds);
        path.retain(u8::is_ascii_graphic);
        if path.first() != Some(&b'/') {
            path.insert(0, b'/');
        }
        path
    }

    fn body(&mut self) -> Vec<u8> {
        let body = self.one_of(&BODIES).as_bytes().to_vec();
        let rounds = if self.one_in(2) { 1 + self.below(4) } else { 0 };
        let mut body = self.mutated(body, rounds);
        if self.one_in(200) {
            body.resize(1_100_000, b' ');
        }
        body
    }

    /// The header with the credential, and whether that is valid.
    fn proof(&mut self, body: &[u8]) -> (Option<(&'static str, String)>, bool) {
        match self.below(12) {
            0 => (None, false),
            1 => (Some(("Authorization", "Bearer wrong".into())), false),
            2 => (Some(("Authorization", "Basic a2V5".into())), false),
            3 => (
                Some(("Authorization", format!("Bearer ick_{}", "0".repeat(64)))),
                false,
            ),
            4 => (Some(("X-Hub-Signature-256", sign("wrong", body))), false),
            5 => (Some(("X-Hub-Signature-256", "sha256=".into())), false),
            6 => (
                Some(("X-Hub-Signature-256", sign("a secret of the hook", body))),
                true,
            ),
            _ => (Some(("Authorization", "Bearer key".into())), true),
        }
    }

    pub(super) fn next(&mut self) -> Fuzzed {
        let method = self.one_of(&METHODS);
        let (path, body) = (self.path(), self.body());
        let (proof, is_proven) = self.proof(&body);
        let mut bytes = method.as_bytes().to_vec();
        bytes.push(b' ');
        bytes.extend(&path);
        bytes.extend(b" HTTP/1.1\r\nHost: test\r\nConnection: close\r\n");
        let mut header = |name: &str, value: &[u8]| {
            bytes.extend(name.as_bytes());
            bytes.extend(b": ");
            bytes.extend(value);
            bytes.extend(b"\r\n");
        };
        if let Some((name, value)) = proof {
            header(name, value.as_bytes());
        }
        if self.one_in(3) {
            header("X-GitHub-Event", self.one_of(&EVENTS).as_bytes());
        }
        if self.one_in(4) {
            header(
                "X-GitHub-Delivery",
                format!("d-{}", self.below(50)).as_bytes(),
            );
        }
        if self.one_in(6) {
            let rounds = 1 + self.below(3);
            let mut value = self.mutated(b"an-id-of-ours".to_vec(), rounds);
            // A line break would begin another header.
            value.retain(|byte| !byte.is_ascii_control());
            let names = [
                "X-Request-Id",
                "Idempotency-Key",
                "Last-Event-ID",
                "X-Forwarded-For",
            ];
            header(self.one_of(&names), &value);
        }
        let chunked = self.one_in(10);
        if chunked {
            header("Transfer-Encoding", b"chunked");
        } else {
            header("Content-Length", body.len().to_string().as_bytes());
        }
        bytes.extend(b"\r\n");
        if chunked {
            for piece in body.chunks(1 + self.below(5_000)) {
                bytes.extend(format!("{:x}\r\n", piece.len()).bytes());
                bytes.extend(piece);
                bytes.extend(b"\r\n");
            }
            bytes.extend(b"0\r\n\r\n");
        } else {
            bytes.extend(&body);
        }
        let is_open = !path.starts_with(b"/api") && !path.starts_with(b"/sse");
        let mut fuzzed = Fuzzed {
            bytes,
            is_whole: true,
            is_head: method == "HEAD",
            may_succeed: is_proven || is_open,
        };
        let (is_cut, is_flipped) = (self.one_in(20), self.one_in(20));
        if is_cut {
            let length = self.below(fuzzed.bytes.len());
            fuzzed.bytes.truncate(length);
            // A truncated body may still be complete JSON.
            fuzzed.is_whole = false;
        } else if is_flipped {
            let at = self.below(fuzzed.bytes.len().min(80));
            fuzzed.bytes[at] = u8::try_from(self.below(256)).unwrap();
            fuzzed.is_whole = false;
            fuzzed.is_head |= fuzzed.bytes.starts_with(b"HEAD ");
            // The path, or its case, may have changed.
            fuzzed.may_succeed = true;
        }
        fuzzed
    }
}
