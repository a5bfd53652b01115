//! Signing in and out.

use axum::http::{Method, StatusCode, header};
use issuecommand_core::domain::access::Caller;
use issuecommand_core::domain::id::Principal;
use issuecommand_core::domain::time::Millis;
use issuecommand_core::domain::web_session::{SignInCode, WebSession};
use issuecommand_executor::keys::secret_hash;
use issuecommand_web::DashboardOptions;

use crate::world::{HOST, KEY, World};

#[tokio::test]
async fn without_a_session_every_page_asks_for_a_key() {
    let world = World::new();
    for cookie in [
        "",
        "issuecommand-3100=",
        "issuecommand-3100=abc",
        &format!("issuecommand-3100={}", "0".repeat(64)),
    ] {
        for path in ["/ui", "/ui/issues?state=all", "/ui/nowhere"] {
            let answer = world.get(path, cookie).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path} {cookie}");
            assert!(answer.text.contains("name=\"key\""), "{path}");
            assert!(answer.text.contains("issuecommand open"), "{path}");
        }
        let stream = world.get("/ui/stream?page=%2Fui", cookie).await;
        assert_eq!(
            (stream.status, stream.text.as_str()),
            (StatusCode::UNAUTHORIZED, "")
        );
    }
}

#[tokio::test]
async fn a_key_signs_in_and_leads_to_the_page_that_was_asked_for() {
    let world = World::new();
    let form = format!("key={KEY}&next=%2Fui%2Fissues%3Fstate%3Dall");
    let answer = world.post("/ui/sign-in", "", &form).await;
    assert_eq!(answer.to(), "/ui/issues?state=all");
    let set = answer.headers[header::SET_COOKIE].to_str().unwrap();
    assert!(set.starts_with("issuecommand-3100="), "{set}");
    assert!(
        set.ends_with("; Path=/; Max-Age=604800; HttpOnly; SameSite=Lax"),
        "{set}"
    );
    let page = world.get("/ui", &answer.cookie()).await;
    assert_eq!(page.status, StatusCode::OK);
    // The next surface counts its connection among those of good keys.
    assert!(page.headers.contains_key(header::CONTENT_SECURITY_POLICY));
    // No link leads out of the dashboard.
    let answer = world
        .post(
            "/ui/sign-in",
            "",
            &format!("key={KEY}&next=%2F%2Fevil.example"),
        )
        .await;
    assert_eq!(answer.to(), "/ui");
}

#[tokio::test]
async fn a_wrong_key_does_not_sign_in_and_tries_are_limited() {
    let world = World::new();
    world.key("old", |key| key).await;
    world.revoke("old").await;
    for key in ["wrong", "ick_old", "ick_none", "%00", ""] {
        let answer = world.post("/ui/sign-in", "", &format!("key={key}")).await;
        assert!(answer.status.is_client_error(), "{key}");
        assert!(!answer.headers.contains_key(header::SET_COOKIE), "{key}");
        assert!(answer.text.contains("role=\"alert\""), "{key}");
    }
    let mut last = StatusCode::OK;
    for _ in 0..6 {
        last = world.post("/ui/sign-in", "", "key=wrong").await.status;
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
    let answer = world.post("/ui/sign-in", "", &format!("key={KEY}")).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(!answer.headers.contains_key(header::SET_COOKIE));
}

#[tokio::test]
async fn a_session_ends_with_its_key_by_age_and_by_its_person() {
    let world = World::new();
    let secret = world.key("ann", |key| key).await;
    let ann = world.sign_in(&secret).await;
    let api = world.sign_in(KEY).await;
    for cookie in [&ann, &api] {
        assert_eq!(world.get("/ui", cookie).await.status, StatusCode::OK);
    }
    world.revoke("ann").await;
    assert_eq!(
        world.get("/ui", &ann).await.status,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(world.get("/ui", &api).await.status, StatusCode::OK);

    world.clock.advance(Millis(WebSession::IDLE.0 - 1));
    assert_eq!(world.get("/ui", &api).await.status, StatusCode::OK);
    // The request before was a use.
    world.clock.advance(Millis(WebSession::IDLE.0 - 1));
    assert_eq!(world.get("/ui", &api).await.status, StatusCode::OK);
    world.clock.advance(WebSession::IDLE);
    assert_eq!(
        world.get("/ui", &api).await.status,
        StatusCode::UNAUTHORIZED
    );

    let api = world.sign_in(KEY).await;
    let out = world.post("/ui/sign-out", &api, "").await;
    assert_eq!(out.to(), "/ui");
    assert!(
        out.headers[header::SET_COOKIE]
            .to_str()
            .unwrap()
            .contains("Max-Age=0")
    );
    assert_eq!(
        world.get("/ui", &api).await.status,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn a_code_signs_in_once_and_for_a_minute() {
    let world = World::new();
    let code = async |text: &str| {
        let caller = Caller::full(Principal::Local);
        let hash = secret_hash(text.as_bytes());
        world
            .service
            .make_sign_in_code(&caller, hash)
            .await
            .unwrap();
    };
    code("first").await;
    // Neither HEAD nor a fetch in advance uses it up, and a link on a foreign page asks the person.
    let head = world.send(Method::HEAD, "/ui/open/first", &[], "").await;
    assert_eq!(head.status, StatusCode::OK);
    for header in [
        ("sec-fetch-site", "cross-site"),
        ("sec-purpose", "prefetch"),
    ] {
        let answer = world
            .send(Method::GET, "/ui/open/first", &[header], "")
            .await;
        assert_eq!(answer.status, StatusCode::OK);
        assert!(!answer.headers.contains_key(header::SET_COOKIE));
        assert!(answer.text.contains("action=\"/ui/open/first\""));
    }
    let answer = world
        .send(
            Method::GET,
            "/ui/open/first",
            &[("sec-fetch-site", "none")],
            "",
        )
        .await;
    assert_eq!(answer.to(), "/ui");
    assert_eq!(
        world.get("/ui", &answer.cookie()).await.status,
        StatusCode::OK
    );
    let again = world.get("/ui/open/first", "").await;
    assert_eq!(again.status, StatusCode::UNAUTHORIZED);
    code("second").await;
    world.clock.advance(SignInCode::LENGTH);
    let late = world.post("/ui/open/second", "", "").await;
    assert_eq!(late.status, StatusCode::UNAUTHORIZED);
    assert!(late.text.contains("issuecommand open"));
}

#[tokio::test]
async fn forms_of_other_pages_are_refused() {
    let world = World::new();
    let cookie = world.sign_in(KEY).await;
    let origin = format!("http://{HOST}");
    let form = format!("key={KEY}");
    for (path, form) in [
        ("/ui/sign-in", form.as_str()),
        ("/ui/sign-out", ""),
        ("/ui/open/x", ""),
        ("/ui/theme", "theme=dark"),
    ] {
        for headers in [
            &[][..],
            &[("sec-fetch-site", "cross-site")],
            &[("sec-fetch-site", "same-site")],
            &[("sec-fetch-site", "none")],
            &[("origin", "https://evil.example")],
            &[("origin", "null")],
            &[
                ("sec-fetch-site", "cross-site"),
                ("origin", origin.as_str()),
            ],
        ] {
            let headers = [&[("cookie", cookie.as_str())], headers].concat();
            let answer = world.send(Method::POST, path, &headers, form).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path} {headers:?}");
            assert!(
                !answer.headers.contains_key(header::SET_COOKIE),
                "{path} {headers:?}"
            );
        }
    }
    assert_eq!(world.get("/ui", &cookie).await.status, StatusCode::OK);
    // A browser that sends no Sec-Fetch-Site, as over HTTP to another machine.
    let headers = [("cookie", cookie.as_str()), ("origin", origin.as_str())];
    let answer = world.send(Method::POST, "/ui/sign-out", &headers, "").await;
    assert_eq!(answer.to(), "/ui");
}

#[tokio::test]
async fn other_names_and_methods_are_refused() {
    let world = World::new();
    let cookie = world.sign_in(KEY).await;
    for host in [
        "evil.example",
        "evil.example:3100",
        "localhost.evil.example",
        "",
    ] {
        let headers = [("host", host), ("cookie", cookie.as_str())];
        for path in ["/ui", "/ui/sign-in", "/ui/assets/x"] {
            let answer = world.send(Method::GET, path, &headers, "").await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{host} {path}");
            assert!(answer.text.contains("MCP_ALLOWED_HOSTS"));
        }
    }
    for host in ["127.0.0.1:3100", "[::1]:3100", "LOCALHOST:3100"] {
        let answer = world
            .send(Method::GET, "/ui/sign-in", &[("host", host)], "")
            .await;
        assert_eq!(answer.status, StatusCode::OK, "{host}");
    }
    for method in [
        Method::PUT,
        Method::DELETE,
        Method::PATCH,
        Method::OPTIONS,
        Method::TRACE,
    ] {
        let headers = [
            ("cookie", cookie.as_str()),
            ("sec-fetch-site", "same-origin"),
        ];
        let answer = world.send(method.clone(), "/ui", &headers, "").await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{method}");
    }
}

#[tokio::test]
async fn behind_a_trusted_proxy_with_https_the_cookie_is_bound_to_the_host() {
    let world = World::with(DashboardOptions {
        trusts_proxy: true,
        ..DashboardOptions::default()
    });
    let headers = [
        ("host", "desk.example"),
        ("x-forwarded-proto", "https"),
        ("origin", "https://desk.example"),
    ];
    let answer = world
        .send(Method::POST, "/ui/sign-in", &headers, &format!("key={KEY}"))
        .await;
    let set = answer.headers[header::SET_COOKIE].to_str().unwrap();
    assert!(set.starts_with("__Host-issuecommand="), "{set}");
    assert!(set.ends_with("; HttpOnly; SameSite=Lax; Secure"), "{set}");
    // Nobody believes that header without a trusted proxy.
    let world = World::with(DashboardOptions::default());
    let answer = world
        .send(Method::POST, "/ui/sign-in", &headers, &format!("key={KEY}"))
        .await;
    let set = answer.headers[header::SET_COOKIE].to_str().unwrap();
    assert!(
        set.starts_with("issuecommand-80=") && !set.contains("Secure"),
        "{set}"
    );
}

#[tokio::test]
async fn every_answer_has_strict_headers() {
    let world = World::new();
    let cookie = world.sign_in(KEY).await;
    for (path, cookie) in [
        ("/ui", cookie.as_str()),
        ("/ui", ""),
        ("/ui/nowhere", &cookie),
        ("/ui/sign-in", ""),
    ] {
        let headers = world.get(path, cookie).await.headers;
        let policy = headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(
            policy.starts_with("default-src 'none'; script-src 'self';")
                && !policy.contains("unsafe")
        );
        assert_eq!(headers[header::REFERRER_POLICY], "same-origin");
        assert_eq!(headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
        assert_eq!(headers[header::CACHE_CONTROL], "no-store");
    }
    let page = world.get("/ui/sign-in", "").await.text;
    let css = page
        .split("href=\"")
        .find_map(|part| part.strip_prefix("/ui/assets/app."));
    let css = css.unwrap().split('"').next().unwrap();
    let asset = world.get(&format!("/ui/assets/app.{css}"), "").await;
    assert_eq!(asset.status, StatusCode::OK);
    assert_eq!(
        asset.headers[header::CACHE_CONTROL],
        "public, max-age=31536000, immutable"
    );
    assert_eq!(
        asset.headers[header::CONTENT_TYPE],
        "text/css; charset=utf-8"
    );
    assert_eq!(
        world.get("/ui/assets/app.css", "").await.status,
        StatusCode::NOT_FOUND
    );
}
