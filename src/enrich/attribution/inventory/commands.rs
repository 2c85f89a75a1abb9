//! Packages that instructions tell agents to install. Only code counts (fences, backticks, lines that begin
//! with `$`), since a sentence goes on behind a command, and what starts a server of an agent's settings.

use super::super::pattern::word_in;
use super::Told;
use crate::model::message::fence;
use crate::model::{Ecosystem, PackageName, RelPath};
use serde_json::Value;

/// A package that a command names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Named {
    pub at: Told,
    pub ecosystem: Ecosystem,
    pub name: PackageName,
}

/// How a program is told to install or run packages.
struct Manager {
    /// The program and what follows it, options left out.
    words: &'static [&'static str],
    ecosystem: Ecosystem,
    /// Whether only the first argument is a package, and the others are for it.
    runs: bool,
}

const fn manager(ecosystem: Ecosystem, words: &'static [&'static str]) -> Manager {
    Manager { words, ecosystem, runs: false }
}

const fn runner(ecosystem: Ecosystem, words: &'static [&'static str]) -> Manager {
    Manager { words, ecosystem, runs: true }
}

use Ecosystem::{Cargo, Npm, Pypi};

const MANAGERS: [Manager; 36] = [
    manager(Npm, &["npm", "install"]),
    manager(Npm, &["npm", "i"]),
    manager(Npm, &["npm", "add"]),
    manager(Npm, &["pnpm", "add"]),
    manager(Npm, &["pnpm", "install"]),
    manager(Npm, &["pnpm", "i"]),
    manager(Npm, &["yarn", "add"]),
    manager(Npm, &["yarn", "global", "add"]),
    manager(Npm, &["bun", "add"]),
    manager(Npm, &["bun", "install"]),
    manager(Npm, &["bun", "i"]),
    runner(Npm, &["npx"]),
    runner(Npm, &["pnpx"]),
    runner(Npm, &["bunx"]),
    runner(Npm, &["bun", "x"]),
    runner(Npm, &["npm", "exec"]),
    runner(Npm, &["npm", "x"]),
    runner(Npm, &["pnpm", "dlx"]),
    runner(Npm, &["yarn", "dlx"]),
    manager(Pypi, &["pip", "install"]),
    manager(Pypi, &["pip3", "install"]),
    manager(Pypi, &["pip", "download"]),
    manager(Pypi, &["uv", "pip", "install"]),
    manager(Pypi, &["uv", "add"]),
    manager(Pypi, &["uv", "tool", "install"]),
    runner(Pypi, &["uv", "tool", "run"]),
    runner(Pypi, &["uvx"]),
    manager(Pypi, &["poetry", "add"]),
    manager(Pypi, &["pdm", "add"]),
    manager(Pypi, &["pipenv", "install"]),
    manager(Pypi, &["pipx", "install"]),
    runner(Pypi, &["pipx", "run"]),
    manager(Pypi, &["rye", "add"]),
    manager(Cargo, &["cargo", "add"]),
    manager(Cargo, &["cargo", "install"]),
    manager(Cargo, &["cargo", "binstall"]),
];

/// Options that take the next word.
const VALUED: [&str; 58] = [
    "--registry",
    "--prefix",
    "-C",
    "--dir",
    "-w",
    "--workspace",
    "--filter",
    "-F",
    "--cwd",
    "--tag",
    "--cache",
    "--userconfig",
    "-r",
    "--requirement",
    "-c",
    "--constraint",
    "-e",
    "--editable",
    "-i",
    "--index-url",
    "--extra-index-url",
    "-f",
    "--find-links",
    "-t",
    "--target",
    "--root",
    "--python",
    "--python-version",
    "--platform",
    "-G",
    "--group",
    "--source",
    "--index",
    "--optional",
    "--extra",
    "--features",
    "--git",
    "--branch",
    "--rev",
    "--path",
    "--rename",
    "--version",
    "--vers",
    "-p",
    "--package",
    "--manifest-path",
    "--bin",
    "--example",
    "--profile",
    "-j",
    "--jobs",
    "--from",
    "--with",
    "--directory",
    "--project",
    "--config",
    "--log-level",
    "--call",
];

/// Options of a runner whose value is a package.
const PACKAGE: [&str; 4] = ["-p", "--package", "--from", "--with"];

/// Bytes of a line that are looked at, and commands that are kept of one file.
const MOST_LINE: usize = 4_000;
const MOST_NAMED: usize = 200;

/// The packages that the commands of a file name, in its order, and what of it was not looked at.
pub fn named(path: &RelPath, text: &str) -> (Vec<Named>, Option<&'static str>) {
    let mut found = Vec::new();
    let mut unread = text.lines().any(|line| line.len() > MOST_LINE).then_some("lines of more than 4000 bytes");
    if path.as_str().ends_with(".json") {
        match serde_json::from_str::<Value>(text) {
            Ok(settings) => servers(path, text, &settings, &mut found),
            Err(_) => unread = Some("settings that are no JSON"),
        }
    } else {
        code(text, |at, command| of_line(path, at, command, &mut found));
    }
    (found.len() == MOST_NAMED).then(|| unread = Some("commands behind the first 200 packages"));
    (found, unread)
}

/// Hands on every piece of code with the number of its line, from 0; a line that ends in `\` goes on in the next.
fn code(text: &str, mut visit: impl FnMut(usize, &str)) {
    let mut inside: Option<(u8, usize)> = None;
    let mut begun: Option<(usize, String)> = None;
    for (at, line) in text.lines().enumerate().filter(|(_, line)| line.len() <= MOST_LINE) {
        match (inside, fence(line)) {
            (None, Some((mark, length, _))) => inside = Some((mark, length)),
            (Some((mark, length)), Some((found, long, true))) if mark == found && long >= length => inside = None,
            (Some(_), _) => {
                let (first, before) = begun.take().unwrap_or((at, String::new()));
                match line.strip_suffix('\\').filter(|_| before.len() < MOST_LINE) {
                    Some(part) => begun = Some((first, format!("{before}{part} "))),
                    None => visit(first, &format!("{before}{line}")),
                }
            }
            (None, None) if line.trim_start().starts_with("$ ") => visit(at, line),
            (None, None) => line.split('`').skip(1).step_by(2).for_each(|piece| visit(at, piece)),
        }
    }
}

/// A line of code may hold several commands.
fn of_line(path: &RelPath, at: usize, line: &str, found: &mut Vec<Named>) {
    for command in line.split(['|', ';', '&', '(', ')']) {
        let words: Vec<&str> = command
            .split_whitespace()
            .map(|word| word.trim_matches(['"', '\'']))
            .take_while(|word| !word.starts_with('#'))
            .skip_while(|word| is_before_a_command(word))
            .collect();
        for (ecosystem, name) in packages(&words) {
            if found.len() < MOST_NAMED {
                found.push(Named { at: Told::at(path, at, command), ecosystem, name });
            }
        }
    }
}

fn is_before_a_command(word: &str) -> bool {
    let is_variable = |(name, _): (&str, &str)| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    matches!(word, "$" | ">" | "%" | "-" | "*" | "sudo" | "RUN" | "exec" | "time" | "run:") || word.split_once('=').is_some_and(is_variable)
}

fn packages(words: &[&str]) -> Vec<(Ecosystem, PackageName)> {
    let words = match words {
        ["python" | "python3" | "py", "-m", rest @ ..] => rest,
        ["yarn", "workspace", _, rest @ ..] => &[&["yarn"], rest].concat(),
        words => words,
    };
    MANAGERS.iter().find_map(|manager| Some((manager, arguments(words, manager.words)?))).map_or_else(Vec::new, |(manager, arguments)| {
        let specs = specs(arguments, manager.runs);
        specs.into_iter().filter_map(|spec| Some((manager.ecosystem, name(manager.ecosystem, spec)?))).collect()
    })
}

/// What stands behind the words of a manager, between which options may stand.
fn arguments<'w>(words: &'w [&'w str], wanted: &[&str]) -> Option<&'w [&'w str]> {
    let mut rest = words;
    for (number, word) in wanted.iter().enumerate() {
        while let Some(option) = rest.first().filter(|first| number > 0 && first.starts_with(['-', '+']) && *first != word) {
            rest = rest.get(if VALUED.contains(option) { 2 } else { 1 }..)?;
        }
        rest = rest.split_first().filter(|(first, _)| *first == word)?.1;
    }
    Some(rest)
}

fn specs<'w>(arguments: &'w [&'w str], runs: bool) -> Vec<&'w str> {
    let mut specs = Vec::new();
    let mut given = false;
    let mut rest = arguments.iter();
    while let Some(word) = rest.next() {
        let (option, value) = word.split_once('=').map_or((*word, None), |(option, value)| (option, Some(value)));
        if !word.starts_with('-') {
            if !runs || !given {
                specs.push(*word);
            }
            if runs {
                break;
            }
        } else if runs && PACKAGE.contains(&option) {
            // What is run is in the package that is named so.
            given |= option != "--with";
            specs.extend(value.or_else(|| rest.next().copied()));
        } else if VALUED.contains(word) {
            rest.next();
        }
    }
    specs
}

/// The name of what a word asks a registry for; none for a path, an address or a placeholder.
fn name(ecosystem: Ecosystem, spec: &str) -> Option<PackageName> {
    if spec.contains("://") || spec.starts_with(['.', '/', '~']) || spec.contains(['<', '{', '$', '*', '…']) && ecosystem != Pypi {
        return None;
    }
    let text = match ecosystem {
        Npm => {
            let spec = spec.split_once("@npm:").map_or(spec, |(_, spec)| spec);
            let scope = usize::from(spec.starts_with('@'));
            let name = spec[scope..].split_once('@').map_or(spec, |(name, _)| &spec[..scope + name.len()]);
            if name.contains(':') || name.contains('/') != (scope == 1) {
                return None;
            }
            name
        }
        Cargo => spec.split('@').next()?,
        Pypi => {
            let name = spec.split(['[', '<', '=', '>', '!', '~', ';', '@']).next()?;
            if spec.starts_with('<')
                || spec.contains(['{', '$', '…'])
                || [".whl", ".gz", ".txt"].iter().any(|ending| name.ends_with(ending))
            {
                return None;
            }
            name
        }
    };
    PackageName::new(ecosystem, text).ok()
}

/// The commands that settings start servers by: an object with `command` and `args`.
fn servers(path: &RelPath, text: &str, settings: &Value, found: &mut Vec<Named>) {
    let mut open = vec![settings];
    while let Some(value) = open.pop() {
        match value {
            Value::Array(items) => open.extend(items.iter().rev()),
            Value::Object(fields) => {
                open.extend(fields.values().rev());
                let Some(Value::String(command)) = fields.get("command") else { continue };
                let arguments = fields.get("args").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
                let words: Vec<&str> = std::iter::once(command.as_str()).chain(arguments).collect();
                let line = words.join(" ");
                let first = words.get(1..).and_then(|words| words.iter().find(|word| !word.starts_with('-'))).unwrap_or(&words[0]);
                let at = text.lines().position(|line| word_in(line, first, false).is_some()).unwrap_or(0);
                of_line(path, at, &line, found);
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::named;
    use crate::model::RelPath;

    fn names(file: &str, text: &str) -> Vec<String> {
        let (found, _) = named(&RelPath::new(file).unwrap(), text);
        found.into_iter().map(|named| format!("{}:{} {}", named.at.line, named.ecosystem.purl_type(), named.name)).collect()
    }

    fn of(command: &str) -> String {
        let text = format!("```sh\n{command}\n```");
        names("AGENTS.md", &text).join(", ").replace("2:", "")
    }

    #[test]
    fn commands_name_packages() {
        for (command, expected) in [
            ("npm install", ""),
            ("npm i -D left-pad@1.3.0 @scope/fox", "npm left-pad, npm @scope/fox"),
            ("$ sudo npm --prefix web install --registry https://r.example fox", "npm fox"),
            ("npm install ./local ../other git+https://g.example/x owner/repo file:x", ""),
            ("npm install <package>", ""),
            ("npm install my@npm:fox@2", "npm fox"),
            ("pnpm --filter app add fox # the fox", "npm fox"),
            ("yarn workspace app add fox", "npm fox"),
            ("cd web && npm ci && npx -y fox@latest init bee", "npm fox"),
            ("npx --package=fox -c run bee", "npm fox"),
            ("npm run build", ""),
            ("pip install -r requirements.txt Fox_Owl[extra]>=1.0", "pypi fox-owl"),
            ("python3 -m pip install -e . 'fox==1'", "pypi fox"),
            ("uv pip install --index-url https://i.example fox", "pypi fox"),
            ("uvx --from fox bee", "pypi fox"),
            ("uvx fox@latest bee", "pypi fox"),
            ("FOO=1 poetry add fox", "pypi fox"),
            ("pip install ./dist/fox.whl fox.whl", ""),
            ("cargo +nightly add fox --features full", "cargo fox"),
            ("cargo install --git https://g.example/x", ""),
            ("cargo build && cargo install fox@1 --locked", "cargo fox"),
            ("npm install \\\n  fox \\\n  owl", "npm fox, npm owl"),
        ] {
            assert_eq!(of(command), expected, "{command}");
        }
    }

    #[test]
    fn only_code_counts() {
        assert_eq!(names("A.md", "Use `npm install fox` here\nnpm install owl the first\n$ npm i elk"), ["1:npm fox", "3:npm elk"]);
        assert_eq!(names("A.md", "```\nuvx fox\n~~~\nuvx owl\n```\nuvx elk"), ["2:pypi fox", "4:pypi owl"]);
        let settings = "{\"mcpServers\": {\"a\": {\n\"command\": \"npx\",\n\"args\": [\"-y\", \"@zoo/fox@1\"]}}}";
        assert_eq!(names(".mcp.json", settings), ["3:npm @zoo/fox"]);
        assert!(names(".mcp.json", "{").is_empty());
    }

    #[test]
    fn a_hostile_file_is_bounded() {
        assert_eq!(names("A.md", &"`uvx fox`\n".repeat(100_000)).len(), 200);
        let unread = |file: &str, text: &str| named(&RelPath::new(file).unwrap(), text).1;
        assert!(unread("A.md", &"`uvx fox`\n".repeat(300)).is_some() && unread("A.md", &"x".repeat(5000)).is_some());
        assert!(unread("a.json", "{ // no").is_some() && unread("a.json", "{}").is_none() && unread("A.md", "`uvx fox`").is_none());
        for text in ["```\nnpm i \\", "`", "npm", "```\nyarn workspace", "```\nnpm i -w", "é`é", "```\n@@ npm i @ @/ @a", "$ \u{0}"] {
            names("A.md", text);
            names("A.json", text);
        }
    }
}
