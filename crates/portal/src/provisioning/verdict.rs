//! Whether a provisioning file is one that Grafana takes, by the same readers that provision it.

use std::path::Path;

use super::tree::{Entry, Node, Tree, parse};
use super::yaml::{Environment, YamlError};
use super::{access, alerting, apps, providers, sources};

/// Keys of files, and the reader that each belongs to.
const KINDS: [(&str, Reader); 22] = [
    ("datasources", Reader::Sources),
    ("deleteDatasources", Reader::Sources),
    ("delete_datasources", Reader::Sources),
    ("providers", Reader::Providers),
    ("apps", Reader::Apps),
    ("groups", Reader::Alerting),
    ("deleteRules", Reader::Alerting),
    ("contactPoints", Reader::Alerting),
    ("deleteContactPoints", Reader::Alerting),
    ("policies", Reader::Alerting),
    ("resetPolicies", Reader::Alerting),
    ("muteTimes", Reader::Alerting),
    ("deleteMuteTimes", Reader::Alerting),
    ("templates", Reader::Alerting),
    ("deleteTemplates", Reader::Alerting),
    ("roles", Reader::Access),
    ("deleteRoles", Reader::Access),
    ("teams", Reader::Access),
    ("addDefaultAssignments", Reader::Access),
    ("removeDefaultAssignments", Reader::Access),
    // Legacy alerting, gone with Grafana 11; its files are known and mean nothing.
    ("notifiers", Reader::Nobody),
    ("delete_notifiers", Reader::Nobody),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reader {
    Sources,
    Providers,
    Apps,
    Alerting,
    Access,
    Nobody,
}

/// What a file holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Top-level keys that mean something, in their order.
    pub kinds: Vec<String>,
    /// What is wrong, each with its line where it has one; empty = valid.
    pub failures: Vec<String>,
}

/// Reads a file of any kind; `file` is where it came from.
pub fn verdict(text: &str, environment: &Environment, file: &str) -> Result<Verdict, YamlError> {
    let tree = parse(text)?;
    let fields = match &tree.value {
        Tree::Null => return Ok(Verdict::default()),
        // Dashboard providers of version 0 were a bare list.
        Tree::List(_) => {
            let failures = failures_of(Reader::Providers, text, environment, file, &tree);
            return Ok(Verdict { kinds: vec!["providers".to_owned()], failures });
        }
        _ => Entry::of(&tree, environment, "the file")?,
    };
    let known = |name: &str| KINDS.iter().find(|(kind, _)| *kind == name).copied();
    let found: Vec<(&str, Reader)> = fields.names().filter_map(known).collect();
    let mut readers: Vec<Reader> = found.iter().map(|(_, reader)| *reader).collect();
    readers.dedup();
    let failures =
        readers.iter().flat_map(|reader| failures_of(*reader, text, environment, file, &tree));
    Ok(Verdict {
        failures: failures.collect(),
        kinds: found.iter().map(|(kind, _)| (*kind).to_owned()).collect(),
    })
}

fn failures_of(
    reader: Reader,
    text: &str,
    environment: &Environment,
    file: &str,
    tree: &Node,
) -> Vec<String> {
    let words = |error: YamlError| error.to_string();
    let failure = |read: Result<(), YamlError>| read.err().map(words).into_iter().collect();
    match reader {
        Reader::Sources => match sources::read(text, environment, file) {
            Ok(read) => {
                let entries = read.sources.into_iter().filter_map(Result::err).map(words);
                let shape = source_shape(tree, environment).err().map(words);
                entries.chain(shape).collect()
            }
            Err(error) => vec![words(error)],
        },
        Reader::Providers => {
            let beside = Path::new(file).parent().unwrap_or(Path::new(""));
            match providers::read(text, environment, beside) {
                Ok(entries) => entries.into_iter().filter_map(Result::err).map(words).collect(),
                Err(error) => vec![words(error)],
            }
        }
        Reader::Apps => failure(apps::read_apps(text, environment).map(drop)),
        Reader::Alerting => failure(alerting::read_alerting(text, environment).map(drop)),
        Reader::Access => failure(access::read_access(text, environment).map(drop)),
        Reader::Nobody => Vec::new(),
    }
}

/// What Grafana refuses and the lenient reader lets pass: lists that are none, organisations that
/// are no numbers, two defaults for one organisation.
fn source_shape(tree: &Node, environment: &Environment) -> Result<(), YamlError> {
    let file = Entry::of(tree, environment, "the file")?;
    file.entries("deleteDatasources")?;
    file.entries("delete_datasources")?;
    let mut with_default = Vec::new();
    for source in file.entries("datasources")? {
        let org_id = source.integer("orgId")?.or(source.integer("org_id")?).unwrap_or(1).max(1);
        let is_default = source.flag("isDefault")? || source.flag("is_default")?;
        if is_default && with_default.contains(&org_id) {
            return Err(source.refuse("only one data source of an organisation can be the default"));
        }
        if is_default {
            with_default.push(org_id);
        }
        source.entry("jsonData")?;
        source.entry("secureJsonData")?;
        source.integer("version")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Environment, verdict};

    #[test]
    fn each_file_is_judged_by_its_reader() {
        let check = |text: &str, kinds: &[&str], failure: &str| {
            let verdict = verdict(text, &Environment::new(), "f.yaml").unwrap();
            assert_eq!(verdict.kinds, kinds, "{text}");
            match failure {
                "" => assert!(verdict.failures.is_empty(), "{text}: {:?}", verdict.failures),
                part => assert!(
                    verdict.failures.concat().contains(part),
                    "{text}: {:?}",
                    verdict.failures
                ),
            }
        };
        check("apiVersion: 1\ndatasources: [{name: A, type: loki}]\n", &["datasources"], "");
        check(
            "datasources:\n- {name: A, type: x, isDefault: true}\n- {name: B, type: x, isDefault: true}\n",
            &["datasources"],
            "line 3: only one",
        );
        check(
            "datasources:\n- {name: A, type: x, isDefault: true}\n- {name: B, type: x, isDefault: true, orgId: 2}\n",
            &["datasources"],
            "",
        );
        check(
            "datasources: [{name: A}]\ndelete_datasources: [{name: B}]\n",
            &["datasources", "delete_datasources"],
            "type is missing",
        );
        check("datasources: nope\n", &["datasources"], "line 1: datasources is not a list");
        check("- name: p\n  type: file\n  options: {path: /x}\n", &["providers"], "");
        check("providers: [{name: p}]\n", &["providers"], "options.path");
        check("apps: [{}]\n", &["apps"], "line 1: app has no type");
        check(
            "policies: [{receiver: a}]\nmuteTimes: [{}]\n",
            &["policies", "muteTimes"],
            "mute timing has no name",
        );
        check("roles: [{name: a}]\n", &["roles"], "");
        check("notifiers: [{name: a}]\n", &["notifiers"], "");
        check("# nothing\n", &[], "");
        check("other: 1\n", &[], "");
        assert!(verdict("text", &Environment::new(), "f").is_err());
        assert!(
            verdict("a: [", &Environment::new(), "f").unwrap_err().to_string().starts_with("line ")
        );
    }
}
