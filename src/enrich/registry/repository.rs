//! Links to sources, in the spellings of `package.json` (docs.npmjs.com/cli/configuring-npm/package-json,
//! "repository"), and whether one answers to a package's name.

use crate::model::text::is_invisible;
use crate::model::{Address, PackageName};

/// Longer addresses are none.
const LONGEST: usize = 300;

const HOSTS: [(&str, &str); 4] =
    [("github:", "github.com/"), ("gitlab:", "gitlab.com/"), ("bitbucket:", "bitbucket.org/"), ("gist:", "gist.github.com/")];

/// The address that a browser takes, without credentials; empty where the text is none.
pub fn address(text: &str) -> String {
    let text = text.trim();
    let is_plain = !text.is_empty() && text.len() <= LONGEST && !text.chars().any(|c| c.is_whitespace() || is_invisible(c));
    is_plain.then(|| web_address(text)).flatten().map(|url| Address::new(&url).as_str().to_owned()).unwrap_or_default()
}

fn web_address(text: &str) -> Option<String> {
    let text = text.strip_prefix("git+").or_else(|| text.strip_prefix("scm:git:")).unwrap_or(text);
    if let Some((host, path)) = HOSTS.iter().find_map(|(prefix, host)| Some((*host, text.strip_prefix(prefix)?))) {
        return Some(format!("https://{host}{}", without_git(path)));
    }
    if let Some((scheme, rest)) = text.split_once("://") {
        let known = ["https", "http", "git", "ssh"].contains(&scheme) && !rest.starts_with('/') && rest.contains('.');
        let scheme = if scheme == "http" { "http" } else { "https" };
        return known.then(|| format!("{scheme}://{}", without_git(&rest.replacen("git@", "", 1).replacen(".com:", ".com/", 1))));
    }
    // `git@host:owner/name`, as ssh has it.
    if let Some((host, path)) = text.strip_prefix("git@").and_then(|rest| rest.split_once(':')) {
        return Some(format!("https://{host}/{}", without_git(path)));
    }
    // `owner/name` is GitHub's.
    let plain = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'));
    let (owner, name) = text.split_once('/')?;
    (plain(owner) && plain(name) && !owner.starts_with('.')).then(|| format!("https://github.com/{owner}/{}", without_git(name)))
}

fn without_git(path: &str) -> &str {
    let path = path.split('#').next().unwrap_or(path).trim_end_matches('/');
    path.strip_suffix(".git").unwrap_or(path)
}

/// The repository that an address at a host of sources lies in (`…/owner/name/issues`); `None` elsewhere.
pub fn of_forge(text: &str) -> Option<String> {
    let url = address(text);
    let (scheme, rest) = url.split_once("://").filter(|_| is_forge(&url))?;
    let parts: Vec<&str> = rest.split(['/', '?']).take(3).filter(|part| !part.is_empty()).collect();
    (parts.len() == 3).then(|| format!("{scheme}://{}", without_git(&parts.join("/"))))
}

/// Hosts of sources, and endings that self-hosted ones have in common.
pub fn is_forge(url: &str) -> bool {
    let url = Address::new(url);
    let Some(host) = url.host() else { return false };
    let known = ["github.com", "gitlab.com", "bitbucket.org", "codeberg.org", "sourceforge.net", "git.sr.ht", "hg.sr.ht", "gitee.com"];
    let own = ["git.", "gitlab.", "gitea.", "forgejo.", "code.", "hg.", "svn."];
    let of_known = |forge: &&str| host.strip_suffix(*forge).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    known.iter().any(of_known) || own.iter().any(|start| host.starts_with(start))
}

/// Words that say nothing of what a package is.
const COMMON: [&str; 24] = [
    "api", "app", "cli", "client", "common", "core", "github", "gitlab", "helper", "js", "lib", "library", "main", "module", "mono",
    "node", "npm", "package", "packages", "plugin", "py", "python", "rust", "utils",
];

/// Whether owner or name of the repository answer to the package's name or its scope: one holds the other, or they
/// share a word that says something.
pub fn fits(name: &PackageName, url: &str) -> bool {
    let path = url.split_once("://").map_or(url, |(_, rest)| rest);
    let (host, path) = path.split_once('/').unwrap_or((path, ""));
    // Projects of their own hosts (`https://fox.example/source`) answer by the host.
    let host = (!is_forge(url)).then_some(host);
    let segments: Vec<&str> = path.split(['/', '?']).take(8).filter(|part| !part.is_empty()).chain(host).collect();
    let (scope, bare) = name.split_scope();
    scope.into_iter().chain([bare]).any(|own| segments.iter().any(|segment| are_alike(own, segment)))
}

fn are_alike(own: &str, segment: &str) -> bool {
    let (a, b) = (plain(own), plain(segment));
    let holds = |long: &str, short: &str| {
        let is_long_enough = short.len() >= 4 && long.contains(short) || short.len() == 3 && long.starts_with(short);
        is_long_enough && !COMMON.contains(&short)
    };
    let words = |text: &str| -> Vec<String> { text.split(|c: char| !c.is_alphanumeric()).map(str::to_lowercase).collect() };
    let of_segment = words(segment);
    let share = |word: &String| word.chars().count() >= 3 && !COMMON.contains(&word.as_str()) && of_segment.contains(word);
    a == b && !a.is_empty() || holds(&a, &b) || holds(&b, &a) || words(own).iter().any(share)
}

fn plain(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::{address, fits};
    use crate::model::{Ecosystem, PackageName};

    #[test]
    fn every_spelling_of_a_repository_is_one_address() {
        for text in [
            "zoo/fox",
            "github:zoo/fox",
            "git+https://github.com/zoo/fox.git",
            "git://github.com/zoo/fox.git#main",
            "git+ssh://git@github.com/zoo/fox.git",
            "git+ssh://git@github.com:zoo/fox.git",
            "git@github.com:zoo/fox.git",
            "https://keeper:hunter2@github.com/zoo/fox",
        ] {
            assert_eq!(address(text), "https://github.com/zoo/fox", "{text}");
        }
        for none in [
            "",
            "none",
            "TODO",
            "javascript:alert(1)",
            "file:///etc/passwd",
            "https:///x.example",
            "a b/c",
            "../x",
            "x\u{202e}/y",
            &"a/".repeat(200),
        ] {
            assert_eq!(address(none), "", "{none}");
        }
    }

    #[test]
    fn a_repository_answers_to_name_or_scope() {
        let fits = |name: &str, url: &str| fits(&PackageName::new(Ecosystem::Npm, name).unwrap(), url);
        for (name, url) in [
            ("left-fox", "https://github.com/keeper/left-fox"),
            ("fox-macros", "https://github.com/fox-rs/fox"),
            ("@zoo/core", "https://github.com/zoo/zoo"),
            ("windows-sys", "https://github.com/big/windows-rs"),
            ("fox", "https://fox.example/source"),
        ] {
            assert!(fits(name, url), "{name} {url}");
        }
        for (name, url) in [
            ("left-fox", "https://github.com/other/thing"),
            ("node-utils-x", "https://github.com/node/utils-lib"),
            ("fox", "https://github.com/firefoxes-fan/x"),
            ("hub", "https://github.com/a/b"),
        ] {
            assert!(!fits(name, url), "{name} {url}");
        }
    }
}
