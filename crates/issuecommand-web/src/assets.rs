//! Files that pages load. They are in the program, and their names change with their contents, so that browsers may keep them for
//! good.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

/// One file.
struct Asset {
    name: &'static str,
    media_type: &'static str,
    content: &'static [u8],
}

const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

/// Both as one file: htmx begins its work by a timer, which may run before a second file with its extension has come.
const HTMX_WITH_SSE: &str = concat!(
    include_str!("../assets/htmx.min.js"),
    "\n;",
    include_str!("../assets/hx-sse.min.js")
);

static FILES: [Asset; 4] = [
    Asset {
        name: "app.css",
        media_type: CSS,
        content: include_bytes!("../assets/app.css"),
    },
    Asset {
        name: "app.js",
        media_type: SCRIPT,
        content: include_bytes!("../assets/app.js"),
    },
    Asset {
        name: "htmx.js",
        media_type: SCRIPT,
        content: HTMX_WITH_SSE.as_bytes(),
    },
    Asset {
        name: "icon.svg",
        media_type: "image/svg+xml",
        content: include_bytes!("../assets/icon.svg"),
    },
];

/// The paths of the files.
#[derive(Debug)]
pub(crate) struct Assets {
    pub(crate) css: String,
    pub(crate) script: String,
    pub(crate) htmx: String,
    pub(crate) icon: String,
}

pub(crate) static ASSETS: LazyLock<Assets> = LazyLock::new(|| {
    let [css, script, htmx, icon] = FILES.each_ref().map(|asset| path(&hashed(asset)));
    Assets {
        css,
        script,
        htmx,
        icon,
    }
});

fn path(name: &str) -> String {
    format!("/ui/assets/{name}")
}

/// The name with a part of the content's digest before its ending.
fn hashed(asset: &Asset) -> String {
    let digest = hex::encode(Sha256::digest(asset.content));
    let (stem, ending) = asset.name.rsplit_once('.').unwrap_or((asset.name, ""));
    format!("{stem}.{}.{ending}", &digest[..16])
}

/// `GET /ui/assets/{name}`. Needs no session: the sign-in page has them too.
pub(crate) async fn asset(Path(name): Path<String>) -> Response {
    let found = FILES.iter().find(|asset| hashed(asset) == name);
    match found {
        Some(asset) => {
            let headers = [
                (header::CONTENT_TYPE, asset.media_type),
                (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
            ];
            (headers, asset.content).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HTMX: &str = include_str!("../assets/htmx.min.js");
    const SSE: &str = include_str!("../assets/hx-sse.min.js");

    #[test]
    fn the_vendored_files_are_those_of_the_package() {
        let readme = include_str!("../assets/README.md");
        for (content, digest) in [
            (
                HTMX,
                "a0abb04f2f45a1f89d1d4844023245537e5e6014c87b144553e0607b4cc32130",
            ),
            (
                SSE,
                "18ef2761356ec1fe0bb6d92612315b37517a7c1e9856b661c5ae81fef239d103",
            ),
        ] {
            assert_eq!(hex::encode(Sha256::digest(content)), digest);
            assert!(readme.contains(digest), "{digest}");
            assert!(HTMX_WITH_SSE.contains(content));
        }
    }

    #[test]
    fn our_own_files_are_small() {
        for (name, most) in [("app.css", 8 * 1024), ("app.js", 3 * 1024)] {
            let asset = FILES.iter().find(|asset| asset.name == name).unwrap();
            assert!(
                asset.content.len() <= most,
                "{name}: {} bytes",
                asset.content.len()
            );
        }
    }
}
