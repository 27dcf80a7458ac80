//! Every recorded message, read by a machine for what no message may have: names that the user cannot know, more errors than
//! mistakes, and spans that point at an attribute where a token of the user's is wrong.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// What `mistakes.txt` says of a case. Without a line there, a case has one mistake and one error.
#[derive(Clone, Copy)]
struct Expected {
    mistakes: usize,
    errors: usize,
    /// The compiler points at an attribute, or spells an internal path, and nothing can be done about it.
    excused: bool,
}

/// So many programs must not compile.
const CASES: usize = 315;

const ONE: Expected = Expected {
    mistakes: 1,
    errors: 1,
    excused: false,
};

#[test]
fn messages_keep_to_the_rules() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let table = fs::read_to_string(folder.join("mistakes.txt")).expect("the table is there");
    let (mut expected, mut faults) = read_table(&table);
    let mut count = 0;
    for path in messages(&folder.join("fail")) {
        let read = |path: &Path| fs::read_to_string(path).expect("the case is there");
        let name = path.with_extension("");
        let name = name.strip_prefix(folder.join("fail")).unwrap_or(&name);
        let name = name.to_string_lossy().replace('\\', "/");
        let source = read(&path.with_extension("rs"));
        let found = check(&source, &read(&path), expected.remove(&name).unwrap_or(ONE));
        faults.extend(found.into_iter().map(|fault| format!("{name}: {fault}")));
        count += 1;
    }
    let gone = expected.keys();
    faults.extend(gone.map(|name| format!("mistakes.txt: there is no case {name}")));
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
    assert_eq!(count, CASES, "README.md says how many");
}

fn messages(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("the entry can be read").path();
        if path.is_dir() {
            found.extend(messages(&path));
        } else if path.extension().is_some_and(|ending| ending == "stderr") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// `case mistakes`, or `case mistakes errors reason…`, or `case mistakes errors! reason…`.
fn read_table(table: &str) -> (BTreeMap<String, Expected>, Vec<String>) {
    let (mut expected, mut faults) = (BTreeMap::new(), Vec::new());
    let lines = table
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty());
    for line in lines {
        let words: Vec<&str> = line.split_whitespace().collect();
        let (row, reason) = match words.as_slice() {
            [case, mistakes] => ((case, *mistakes, *mistakes), true),
            [case, mistakes, errors, reason @ ..] => ((case, *mistakes, *errors), reason.len() > 3),
            _ => ((&"", "", ""), false),
        };
        let (case, mistakes, errors) = row;
        match (mistakes.parse(), errors.trim_end_matches('!').parse()) {
            (Ok(mistakes), Ok(count)) if reason => {
                let excused = errors.ends_with('!');
                let row = Expected {
                    mistakes,
                    errors: count,
                    excused,
                };
                expected.insert((*case).to_owned(), row);
            }
            _ => faults.push(format!("mistakes.txt: not a row with a reason: {line}")),
        }
    }
    (expected, faults)
}

/// What is wrong with the message `text` about the program `source`.
fn check(source: &str, text: &str, expected: Expected) -> Vec<String> {
    let mut faults = Vec::new();
    let Expected {
        mistakes,
        errors,
        excused,
    } = expected;
    let found = text.lines().filter(|line| is_error(line)).count();
    if found != errors {
        faults.push(format!(
            "{found} errors, and {errors} are expected of {mistakes} mistakes"
        ));
    }
    if errors < mistakes {
        faults.push("a mistake without an error".to_owned());
    }
    // The compiler says of its own accord, and in the last lines, by which macros something came about.
    let lines = || {
        text.lines()
            .filter(|line| !line.contains("this error originates in the "))
    };
    for line in lines() {
        if let Some(name) = internal_name(line).filter(|_| !excused) {
            faults.push(format!("names `{name}`: {}", line.trim()));
        }
    }
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if !is_error(line) {
            continue;
        }
        let Some(place) = lines
            .next()
            .and_then(|line| line.trim_start().strip_prefix("--> "))
        else {
            faults.push(format!("without a place: {line}"));
            continue;
        };
        if !place.starts_with("fail/") {
            faults.push(format!("not in the user's program: {place}"));
        } else if is_attribute(source, place) && !excused {
            faults.push(format!("at the attribute, not at a token: {line}"));
        }
    }
    faults
}

fn is_error(line: &str) -> bool {
    line.starts_with("error:") || line.starts_with("error[")
}

/// A name that only generated code has, or a path that leads through private modules.
fn internal_name(line: &str) -> Option<String> {
    let is_part = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == ':';
    // Underlines have no letters.
    let mut words = line.split(|letter| !is_part(letter));
    let word = words.find(|word| {
        let mut parts = word.split("::");
        let is_generated =
            parts.any(|part| part.starts_with("__") && part.contains(char::is_alphanumeric));
        let mut path = word.split("::").skip_while(|part| *part != "zp").skip(1);
        let is_private = match (path.next(), path.next()) {
            (Some(module), Some(_)) => module.starts_with(char::is_lowercase) && !module.is_empty(),
            _ => false,
        };
        // `zp::Scope::<…>` ends in a separator; so does a path to a function with generics.
        is_generated || (is_private && !word.ends_with("::"))
    });
    let internal = ["zeropool-macros/src", "macros/src/"];
    let file = internal.iter().find(|path| line.contains(**path));
    word.map(str::to_owned)
        .or_else(|| file.map(|path| (*path).to_owned()))
}

/// Whether `place`, a file with a line and a column, is where one of our attributes begins.
fn is_attribute(source: &str, place: &str) -> bool {
    let mut numbers = place
        .rsplit(':')
        .filter_map(|number| number.parse::<usize>().ok());
    let (Some(column), Some(line)) = (numbers.next(), numbers.next()) else {
        return false;
    };
    let text = source.lines().nth(line - 1).unwrap_or_default();
    let text: String = text.chars().skip(column - 1).collect();
    text.starts_with("#[zp::")
}

/// Messages that break each of the rules, so that the rules are known to be looked at.
mod bad_samples {
    use super::{Expected, ONE, check, read_table};

    const SOURCE: &str = "#[zp::task]\nfn f(x: u8) {}\n";
    const GOOD: &str = "error[E0308]: mismatched types\n --> fail/a.rs:2:6\n  |\n";

    fn faults(text: &str) -> Vec<String> {
        check(SOURCE, text, ONE)
    }

    #[test]
    fn a_good_one_passes() {
        assert_eq!(faults(GOOD), [""; 0]);
        let underlined = format!(
            "{GOOD}  | |_____- here\n  |  ______^ `zp::Scope::<'scope, '_>::spawn`, `zp::join`\n"
        );
        assert_eq!(faults(&underlined), [""; 0]);
        let trailer = format!(
            "{GOOD}  = note: this error originates in the macro `$crate::__private::join_arms`\n"
        );
        assert_eq!(faults(&trailer), [""; 0]);
    }

    #[test]
    fn generated_names_are_found() {
        for name in [
            "`zp::__private::Lend`",
            "`__zp_0`",
            "`f::__call`",
            "the field `__use_new`",
            "`zp::runtime::desk::Desk`",
            "`Cell<zp::queue::block::Block>`",
            "$WORKSPACE/zeropool-macros/src/task.rs",
        ] {
            let faults = faults(&format!("{GOOD}  = note: required by {name}\n"));
            assert_eq!(faults.len(), 1, "{name}: {faults:?}");
        }
    }

    #[test]
    fn a_second_error_is_found() {
        let twice = format!("{GOOD}\n{GOOD}");
        assert_eq!(faults(&twice).len(), 1);
        let two = Expected {
            mistakes: 2,
            errors: 2,
            excused: false,
        };
        assert_eq!(check(SOURCE, &twice, two), [""; 0]);
        assert_eq!(check(SOURCE, GOOD, two).len(), 1);
        let unsaid = Expected {
            mistakes: 2,
            errors: 1,
            excused: false,
        };
        assert_eq!(check(SOURCE, GOOD, unsaid).len(), 1);
    }

    #[test]
    fn a_place_that_is_no_token_of_the_users_is_found() {
        assert_eq!(faults(&GOOD.replace("2:6", "1:1")).len(), 1);
        assert_eq!(
            faults(&GOOD.replace("fail/a.rs", "$WORKSPACE/zeropool/src/macros.rs")).len(),
            1
        );
        assert_eq!(faults("error: no place\n").len(), 1);
        let excused = Expected {
            excused: true,
            ..ONE
        };
        assert_eq!(check(SOURCE, &GOOD.replace("2:6", "1:1"), excused), [""; 0]);
    }

    #[test]
    fn an_exception_has_a_reason() {
        let (rows, faults) =
            read_table("# text\na/b 2\nc/d 1 2! the compiler reports both places\n");
        assert_eq!((rows.len(), faults.len()), (2, 0));
        for bad in ["a/b", "a/b 1 2", "a/b 1 2 because", "a/b one"] {
            assert_eq!(read_table(bad).1.len(), 1, "{bad}");
        }
    }
}
