//! The limit on open files of this process, which bounds its connections.

/// At most three quarters of the allowed open files, because the database and GitHub need some too.
pub(crate) fn connections(wanted: usize) -> usize {
    // Only Linux has this file. Elsewhere a connection is closed when no more files can be opened.
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let Some(most) = open_files(&limits).map(|files| files / 4 * 3) else {
        return wanted;
    };
    if most < wanted {
        tracing::warn!(
            name: "http.few_files", wanted, connections = most,
            "this process may open too few files for HTTP_MAX_CONNECTIONS: raise its limit (ulimit -n, LimitNOFILE) where so many are needed"
        );
    }
    wanted.min(most)
}

/// The soft limit in the format of Linux; `None` if it is unlimited.
fn open_files(limits: &str) -> Option<usize> {
    let line = limits
        .lines()
        .find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_stands_in_its_line() {
        let limits = "Limit                     Soft Limit           Hard Limit           Units\n\
                      Max processes             127235               127235               processes\n\
                      Max open files            1024                 1048576              files\n";
        assert_eq!(open_files(limits), Some(1024));
        let none = "Max open files            unlimited            unlimited            files\n";
        assert_eq!(open_files(none), None);
        assert_eq!(open_files(""), None);
    }
}
