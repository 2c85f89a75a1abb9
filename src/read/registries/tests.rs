//! The two classes of configuration, file by file, and what a hostile one would like to reach.

use super::*;

const VARIABLES: [(&str, &str); 3] = [("TOKEN", "secret"), ("HOST", "npm.example"), ("HOME", "/home/ada")];

fn variable(name: &str) -> Option<String> {
    VARIABLES.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
}

fn of(name: &str) -> Ecosystem {
    match name {
        ".npmrc" | ".yarnrc.yml" => Ecosystem::Npm,
        "config.toml" | "credentials.toml" | ".cargo/config.toml" => Ecosystem::Cargo,
        _ => Ecosystem::Pypi,
    }
}

fn registries(name: &str, text: &str, is_user: bool) -> Registries {
    let trust = if is_user { Trust::User(&variable) } else { Trust::Repository };
    let settings = read(name, of(name), text, name, trust);
    let nothing = Settings::default();
    if is_user { Registries::new(nothing, Vec::new(), vec![settings]) } else { Registries::new(nothing, vec![settings], Vec::new()) }
}

fn default(registries: &Registries, ecosystem: Ecosystem, name: &str) -> String {
    match registries.of_default(ecosystem, &PackageName::new(ecosystem, name).unwrap()) {
        None => "default".into(),
        Some(Ok(address)) => address.into(),
        Some(Err(reason)) => format!("! {reason}"),
    }
}

const BROKEN_VARIABLE: &str = "! .npmrc, `registry`: it names a variable of the environment, which is not looked up for a repository";

/// Registries that take the place of the default one: file, text, package, expected of the user's, and of a repository's.
const DEFAULTS: [(&str, &str, &str, &str, &str); 27] = [
    (".npmrc", "", "ant", "default", "default"),
    (".npmrc", "registry=https://npm.example/", "ant", "https://npm.example", "https://npm.example"),
    (".npmrc", "registry = \"https://npm.example/a/\"", "ant", "https://npm.example/a", "https://npm.example/a"),
    (".npmrc", "registry=https://a.example\nregistry=https://b.example # why", "ant", "https://b.example", "https://b.example"),
    (".npmrc", "@corp:registry=https://npm.example", "@corp/ant", "https://npm.example", "https://npm.example"),
    (".npmrc", "@corp:registry=https://npm.example", "ant", "default", "default"),
    (".npmrc", "[section]\nregistry=https://npm.example", "ant", "default", "default"),
    (".npmrc", "registry=https://${HOST}/", "ant", "https://npm.example", BROKEN_VARIABLE),
    (".npmrc", "registry=https://evil.example/${HOME}", "ant", "https://evil.example//home/ada", BROKEN_VARIABLE),
    (".npmrc", "registry=${NO_SUCH-https://b.example}", "ant", "https://b.example", BROKEN_VARIABLE),
    (".npmrc", "registry=${NO_SUCH}", "ant", "! .npmrc, `registry`: there is no variable `NO_SUCH`", BROKEN_VARIABLE),
    (".npmrc", "//${NO_SUCH}/:_authToken=${TOKEN}", "ant", "default", "default"),
    (".npmrc", "registry=https://ada:secret@npm.example/", "ant", "https://npm.example", "https://npm.example"),
    (
        ".npmrc",
        "registry=file:///etc",
        "ant",
        "! .npmrc names a registry that is no address of a server",
        "! .npmrc names a registry that is no address of a server",
    ),
    (
        ".npmrc",
        "registry=https://npm.example/?token=x",
        "ant",
        "! .npmrc names a registry whose address is no plain one",
        "! .npmrc names a registry whose address is no plain one",
    ),
    (".yarnrc.yml", "npmRegistryServer: \"https://npm.example\"", "ant", "https://npm.example", "https://npm.example"),
    (
        ".yarnrc.yml",
        "npmScopes:\n  corp:\n    npmRegistryServer: https://npm.example/corp",
        "@corp/ant",
        "https://npm.example/corp",
        "https://npm.example/corp",
    ),
    ("pip.conf", "[global]\nindex-url = https://pip.example/simple/\n", "ant", "https://pip.example/simple", "https://pip.example/simple"),
    (
        "pip.conf",
        "[global]\nindex_url: https://u:p@pip.example/simple\n",
        "ant",
        "https://pip.example/simple",
        "https://pip.example/simple",
    ),
    ("pip.conf", "[other]\nindex-url = https://pip.example/simple\n", "ant", "default", "default"),
    (
        "uv.toml",
        "[[index]]\nurl = 'https://pip.example/simple'\ndefault = true",
        "ant",
        "https://pip.example/simple",
        "https://pip.example/simple",
    ),
    ("uv.toml", "[[index]]\nname = 'corp'\nurl = 'https://pip.example/simple'", "ant", "default", "default"),
    ("uv.toml", "index-url = 'https://pip.example/simple'", "ant", "https://pip.example/simple", "https://pip.example/simple"),
    (
        "pyproject.toml",
        "[tool.uv]\nindex-url = 'https://pip.example/simple'",
        "ant",
        "https://pip.example/simple",
        "https://pip.example/simple",
    ),
    (
        "config.toml",
        "[source.crates-io]\nreplace-with = 'm'\n[source.m]\nregistry = 'sparse+https://crates.example/i/'",
        "ant",
        "sparse+https://crates.example/i",
        "sparse+https://crates.example/i",
    ),
    (
        "config.toml",
        "[source.crates-io]\nreplace-with = 'm'\n[source.m]\ndirectory = 'vendor'",
        "ant",
        "! config.toml: crates.io is replaced with `m`, which is no registry that can be asked",
        "! config.toml: crates.io is replaced with `m`, which is no registry that can be asked",
    ),
    (
        "config.toml",
        "[source.crates-io]\nreplace-with = 'm'\n[source.m]\nreplace-with = 'm'",
        "ant",
        "! config.toml: crates.io is replaced in a circle",
        "! config.toml: crates.io is replaced in a circle",
    ),
];

#[test]
fn what_takes_the_place_of_the_default() {
    for (file, text, package, user, repository) in DEFAULTS {
        for (is_user, expected) in [(true, user), (false, repository)] {
            let told = default(&registries(file, text, is_user), of(file), package);
            assert_eq!(told, expected, "{file} of {}: {text}", if is_user { "the user" } else { "a repository" });
        }
    }
}

/// A file that cannot be read says nothing, and not that the default counts.
#[test]
fn a_broken_file_leaves_nothing_known() {
    for (file, text) in [("uv.toml", "index-url = "), (".yarnrc.yml", "a: [b"), ("config.toml", "[["), ("uv.toml", "a = 'x\0'")] {
        let told = default(&registries(file, text, false), of(file), "ant");
        assert!(told.starts_with(&format!("! {file} cannot be read")), "{told}");
    }
    let many: String = (0..=MOST_ENTRIES).map(|number| format!("@s{number}:registry=https://npm.example\n")).collect();
    assert!(default(&registries(".npmrc", &many, false), Ecosystem::Npm, "ant").contains("names more than"));
}

fn sent(registries: &Registries, ecosystem: Ecosystem, url: &str) -> String {
    registries.credential(ecosystem, url).map_or("nothing".to_owned(), |credential| credential.header().to_owned())
}

#[test]
fn credentials_are_the_users_and_go_to_their_own_place() {
    let basic = "Basic YWRhOnNlY3JldA==";
    for (file, text, url, expected) in [
        (".npmrc", "//npm.example/:_authToken=${TOKEN}", "https://npm.example/ant", "Bearer secret"),
        (".npmrc", "//npm.example/:_authToken=${TOKEN}", "https://npm.example.evil/ant", "nothing"),
        (".npmrc", "//npm.example/:_authToken=${TOKEN}", "http://npm.example/ant", "nothing"),
        (".npmrc", "//npm.example/team/:_authToken=a\n//npm.example/:_authToken=b", "https://npm.example/team/ant", "Bearer a"),
        (".npmrc", "//npm.example/team/:_authToken=a\n//npm.example/:_authToken=b", "https://npm.example/ant", "Bearer b"),
        (".npmrc", "//npm.example/:_auth=YWRhOnNlY3JldA==", "https://npm.example/ant", basic),
        (".npmrc", "//npm.example/:username=ada\n//npm.example/:_password=c2VjcmV0", "https://npm.example/ant", basic),
        (".npmrc", "_authToken=secret\nregistry=https://npm.example", "https://npm.example/ant", "nothing"),
        (".npmrc", "registry=https://ada:secret@npm.example/", "https://npm.example/ant", basic),
        (".npmrc", "//npm.example/:_authToken=a${NO_SUCH}", "https://npm.example/ant", "nothing"),
        (".yarnrc.yml", "npmRegistries:\n  //npm.example:\n    npmAuthToken: secret", "https://npm.example/ant", "Bearer secret"),
        (".yarnrc.yml", "npmRegistryServer: https://npm.example\nnpmAuthIdent: ada:secret", "https://npm.example/ant", basic),
        (
            "pip.conf",
            "[global]\nextra-index-url =\n  https://a.example/simple\n  https://ada:secret@pip.example/simple",
            "https://pip.example/simple/ant/",
            basic,
        ),
        ("pip.conf", "[global]\nindex-url = https://ada:sec%72et@pip.example/simple", "https://pip.example/simple/ant/", basic),
        ("pip.conf", "[global]\nindex-url = https://ada:secret@pip.example/simple", "https://pip.example/other/", "nothing"),
        (
            "config.toml",
            "[registries.corp]\nindex = 'sparse+https://crates.example/i/'\ntoken = 'secret'",
            "https://crates.example/i/an/t",
            "secret",
        ),
    ] {
        assert_eq!(sent(&registries(file, text, true), of(file), url), expected, "{file}: {text}");
        assert_eq!(sent(&registries(file, text, false), of(file), url), "nothing", "{file} of a repository: {text}");
    }
    let npm = registries(".npmrc", "//npm.example/:_authToken=a", true);
    assert_eq!(sent(&npm, Ecosystem::Pypi, "https://npm.example/ant"), "nothing", "it is for another ecosystem");
}

/// A repository that calls its own server by the name of the user's registry gets none of the user's secrets.
#[test]
fn a_name_of_the_user_is_not_for_a_repository_to_give() {
    let user =
        read("credentials.toml", Ecosystem::Cargo, "[registries.corp]\ntoken = 'secret'", "credentials.toml", Trust::User(&variable));
    let hostile = "[registries.corp]\nindex = 'sparse+https://evil.example/'";
    let repository = read("config.toml", Ecosystem::Cargo, hostile, "config.toml", Trust::Repository);
    let uv = read("uv.toml", Ecosystem::Pypi, "[[index]]\nname = 'corp'\nurl = 'https://evil.example'", "uv.toml", Trust::Repository);
    let variables =
        [("UV_INDEX_CORP_PASSWORD", "secret"), ("CARGO_REGISTRIES_CORP_TOKEN", "secret")].map(|(a, b)| (a.to_owned(), b.to_owned()));
    let all = Registries::new(environment(&variables), vec![repository, uv], vec![user.clone()]);
    assert_eq!(sent(&all, Ecosystem::Cargo, "https://evil.example/an/t"), "nothing");
    assert_eq!(sent(&all, Ecosystem::Pypi, "https://evil.example/ant/"), "nothing");
    assert!(all.name(Ecosystem::Cargo, "sparse+https://evil.example/"));
    let own = read(
        "config.toml",
        Ecosystem::Cargo,
        "[registries.corp]\nindex = 'sparse+https://crates.example'",
        "config.toml",
        Trust::User(&variable),
    );
    let all = Registries::new(Settings::default(), Vec::new(), vec![user, own]);
    assert_eq!(sent(&all, Ecosystem::Cargo, "https://crates.example/an/t"), "secret");
}

#[test]
fn the_environment_names_registries_and_secrets() {
    let variables = [
        ("PIP_EXTRA_INDEX_URL", "https://a.example/simple https://ada:secret@b.example/simple"),
        ("UV_INDEX", "corp=https://c.example/simple"),
        ("UV_INDEX_CORP_USERNAME", "ada"),
        ("UV_INDEX_CORP_PASSWORD", "secret"),
        ("NPM_CONFIG_REGISTRY", "https://npm.example"),
        ("CARGO_REGISTRIES_MY_CORP_INDEX", "sparse+https://crates.example/"),
        ("CARGO_REGISTRIES_MY_CORP_TOKEN", "token"),
    ];
    let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let repository = read(".npmrc", Ecosystem::Npm, "registry=https://other.example", ".npmrc", Trust::Repository);
    let all = Registries::new(
        environment(&variables),
        vec![repository],
        vec![netrc("machine d.example login ada password secret default login x password y")],
    );
    assert_eq!(default(&all, Ecosystem::Npm, "ant"), "https://npm.example", "the environment goes before a file");
    assert!(all.name(Ecosystem::Npm, "https://other.example/"));
    for (ecosystem, url, expected) in [
        (Ecosystem::Pypi, "https://a.example/simple/ant/", "nothing"),
        (Ecosystem::Pypi, "https://b.example/simple/ant/", "Basic YWRhOnNlY3JldA=="),
        (Ecosystem::Pypi, "https://c.example/simple/ant/", "Basic YWRhOnNlY3JldA=="),
        (Ecosystem::Pypi, "https://d.example/simple/ant/", "Basic YWRhOnNlY3JldA=="),
        (Ecosystem::Npm, "https://d.example/ant", "nothing"),
        (Ecosystem::Cargo, "https://crates.example/an/t", "token"),
    ] {
        assert_eq!(sent(&all, ecosystem, url), expected, "{url}");
    }
    for (address, is_named) in [
        ("https://a.example/simple/", true),
        ("https://A.example/simple", true),
        ("https://a.example", false),
        ("http://a.example/simple", false),
    ] {
        assert_eq!(all.name(Ecosystem::Pypi, address), is_named, "{address}");
    }
    assert!(!format!("{all:?}").replace("secrets", "").contains("secret"));
}
