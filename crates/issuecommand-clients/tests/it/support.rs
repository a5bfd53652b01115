//! What the tests share: environments of the three systems, servers, texts of clients' files.

use issuecommand_clients::{Client, Environment, Launch, Os, Request, Scope, Server, Variable};

pub(crate) const SYSTEMS: [(Os, &str); 3] = [
    (Os::Linux, "linux"),
    (Os::Mac, "macos"),
    (Os::Windows, "windows"),
];

pub(crate) fn environment(os: Os) -> Environment {
    let (home, project) = match os {
        Os::Linux => ("/home/ada", "/home/ada/src/web"),
        Os::Mac => ("/Users/ada", "/Users/ada/src/web"),
        Os::Windows => (r"C:\Users\Ada L", r"C:\src\web"),
    };
    Environment {
        os,
        home: home.to_owned(),
        config_home: None,
        flatpak_config_home: None,
        codex_home: None,
        app_data: (os == Os::Windows).then(|| format!(r"{home}\AppData\Roaming")),
        project: project.to_owned(),
    }
}

pub(crate) fn launch(os: Os) -> Launch {
    let (program, database) = match os {
        Os::Linux => ("/usr/local/bin/issuecommand", "/home/ada/issues.db"),
        Os::Mac => (
            "/opt/homebrew/bin/issuecommand",
            "/Users/ada/Application Data/issues.db",
        ),
        Os::Windows => (
            r"C:\Program Files\issuecommand.exe",
            r"C:\Users\Ada L\issues.db",
        ),
    };
    let variable = |name: &str, secret| Variable {
        name: name.to_owned(),
        secret,
    };
    Launch {
        program: program.to_owned(),
        args: Vec::new(),
        env: vec![("SQLITE_PATH".to_owned(), database.to_owned())],
        pass: vec![
            variable("GITHUB_TOKEN", true),
            variable("API_KEY", true),
            variable("HTTP_PORT", false),
        ],
    }
}

pub(crate) fn remote() -> Server {
    remote_on(Os::Linux)
}

fn remote_on(os: Os) -> Server {
    Server::Remote {
        program: launch(os).program,
        url: "https://ic.example.com/mcp".to_owned(),
        key: Some("the-key-itself".to_owned()),
    }
}

pub(crate) fn servers(os: Os) -> [(Server, &'static str); 2] {
    [
        (Server::Stdio(launch(os)), "stdio"),
        (remote_on(os), "remote"),
    ]
}

pub(crate) fn request(client: Client, scope: Scope, server: Server) -> Request {
    Request {
        client,
        scope,
        server,
        hooks: true,
    }
}
