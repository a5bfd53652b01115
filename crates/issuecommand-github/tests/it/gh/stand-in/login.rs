//! The token of gh for a host: from its variables, or from the file written by `gh auth login`.

use std::path::PathBuf;

const OF_GITHUB: [&str; 2] = ["GH_TOKEN", "GITHUB_TOKEN"];
const OF_OTHERS: [&str; 2] = ["GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN"];

/// The token for a host, which may have a port.
pub(crate) fn token(host: &str) -> Option<String> {
    let of_github = host == "github.com" || host.ends_with(".ghe.com");
    let names = if of_github { OF_GITHUB } else { OF_OTHERS };
    names.into_iter().find_map(variable).or_else(|| {
        let of_host = |(known, token): (String, String)| (known == host).then_some(token);
        stored().into_iter().find_map(of_host)
    })
}

/// Whether there is a login for any host, without which `gh api` fails at once.
pub(crate) fn is_any() -> bool {
    let variables = [OF_GITHUB, OF_OTHERS].concat();
    variables.into_iter().find_map(variable).is_some() || !stored().is_empty()
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Each host of `hosts.yml` with its token.
fn stored() -> Vec<(String, String)> {
    let folder = folder();
    let config = std::fs::read_to_string(folder.join("config.yml")).unwrap_or_default();
    let socket = config
        .lines()
        .filter_map(|line| line.strip_prefix("http_unix_socket:"));
    assert!(
        socket.into_iter().all(|value| value.trim().is_empty()),
        "the stand-in does not play http_unix_socket"
    );
    let hosts = std::fs::read_to_string(folder.join("hosts.yml")).unwrap_or_default();
    let (mut host, mut found) = (String::new(), Vec::new());
    for line in hosts.lines() {
        if !line.starts_with(' ') {
            line.trim_end().trim_end_matches(':').clone_into(&mut host);
        } else if let Some(token) = line.trim().strip_prefix("oauth_token:") {
            found.push((host.clone(), token.trim().to_owned()));
        }
    }
    found
}

fn folder() -> PathBuf {
    let under = |name: &str, rest: &str| Some(PathBuf::from(variable(name)?).join(rest));
    under("GH_CONFIG_DIR", "")
        .or_else(|| under("XDG_CONFIG_HOME", "gh"))
        .or_else(|| under("HOME", ".config/gh"))
        .unwrap_or_default()
}
