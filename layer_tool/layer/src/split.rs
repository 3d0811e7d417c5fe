//! Splits manifests into groups by regular expressions on the path in the image.

use crate::entries::each_record;
use crate::entry::{Body, Entry};
use crate::error::{Error, Location, Result};
use crate::mtree::{self, Keywords, Kind, Links, Record};
use crate::output::{self, arguments, Output};
use crate::source::Reader;
use crate::system;
use fancy_regex::{Expr, Regex};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What to split, and where the parts go.
#[derive(Clone, Debug)]
pub struct Options {
    /// Manifests, taken as one.
    pub manifests: Vec<PathBuf>,
    /// Group and regular expression, in the order of the tries.
    pub groups: Vec<(String, String)>,
    /// The group of what no expression matches.
    pub default: String,
    /// What stands before the path that an expression is searched in.
    pub prefix: String,
    /// An expression: artifacts elsewhere are no links. None: all may be links.
    pub links: Option<String>,
    /// The target whose `layer_groups` the groups are, for errors; None: they are of a command
    /// line.
    pub label: Option<String>,
    /// Group and the file of its manifest; what goes to a group without one is dropped.
    pub outputs: Vec<(String, PathBuf)>,
    /// Group and the file that names the sources its manifest does not use, one a line.
    pub unused: Vec<(String, PathBuf)>,
}

/// Writes all files that are asked for, or none.
///
/// # Errors
/// Wrong manifests or expressions, trees that cannot be walked, files that cannot be written.
pub fn split(options: &Options) -> Result<()> {
    output::distinct(
        [
            ("--output", &options.outputs),
            ("--unused", &options.unused),
        ]
        .into_iter()
        .flat_map(|(flag, groups)| groups.iter().map(move |(_, path)| (flag, path.as_path()))),
        arguments("--manifest", &options.manifests),
    )?;
    let groups = Groups::new(options)?;
    let mut contents: BTreeMap<&str, Group> = BTreeMap::new();
    let mut sources = BTreeSet::new();
    let mut reader = Reader::new(&options.manifests);
    each_record(&options.manifests, |record, location| {
        let source = record.keywords.contents.clone();
        sources.extend(source.clone());
        for record in expand(&mut reader, groups.without_link(record)?, location)? {
            let group = contents.entry(groups.find(&record.path)?).or_default();
            group.used.extend(source.clone());
            group.records.push(record);
        }
        Ok(())
    })?;

    let empty = Group::default();
    let content_of = |group: &String| contents.get(group.as_str()).unwrap_or(&empty);
    let mut outputs = Vec::new();
    for (group, path) in &options.outputs {
        outputs.push(create(path, |out| {
            mtree::write(out, &content_of(group).records)
        })?);
    }
    for (group, path) in &options.unused {
        outputs.push(create(path, |out| {
            // The list has no way to say a newline. A source that is not in it counts as used.
            let unused = sources.difference(&content_of(group).used);
            for source in unused.filter(|source| !source.contains(&b'\n')) {
                out.write_all(source)?;
                out.write_all(b"\n")?;
            }
            Ok(())
        })?);
    }
    output::commit(outputs)
}

#[derive(Default)]
struct Group {
    records: Vec<Record>,
    used: BTreeSet<Vec<u8>>,
}

fn create(path: &Path, fill: impl FnOnce(&mut Vec<u8>) -> std::io::Result<()>) -> Result<Output> {
    let mut output = Output::create(path)?;
    let mut bytes = Vec::new();
    fill(&mut bytes)
        .and_then(|()| output.write_all(&bytes))
        .map_err(Error::io("write", path))?;
    Ok(output)
}

/// A tree's files go their own ways, so it becomes one record for each.
fn expand(reader: &mut Reader, record: Record, location: &Location) -> Result<Vec<Record>> {
    if record.keywords.kind == Some(Kind::Link) {
        reader.note(&record);
    }
    if record.keywords.kind != Some(Kind::Tree) {
        return Ok(vec![record]);
    }
    let line = record.line;
    let mut entries = Vec::new();
    reader.entries(record, location, &mut entries)?;
    Ok(entries
        .into_iter()
        .map(|entry| to_record(line, entry))
        .collect())
}

/// An entry as a record that says all of it.
pub(crate) fn to_record(line: usize, entry: Entry) -> Record {
    let attributes = Arc::unwrap_or_clone(entry.attributes);
    let mut keywords = Keywords {
        mode: Some(attributes.mode),
        dmode: Some(entry.dmode),
        uid: Some(attributes.uid),
        gid: Some(attributes.gid),
        time: Some(attributes.time),
        uname: Some(attributes.uname).filter(|name| !name.is_empty()),
        gname: Some(attributes.gname).filter(|name| !name.is_empty()),
        ..Keywords::default()
    };
    match entry.body {
        Body::Dir => keywords.kind = Some(Kind::Dir),
        Body::Symlink(target) => {
            keywords.kind = Some(Kind::Link);
            keywords.link = Some(target);
        }
        Body::File { source, size } => {
            keywords.kind = Some(Kind::File);
            keywords.size = size;
            keywords.contents = source.map(|source| system::bytes(&source).into_owned());
        }
    }
    Record {
        line,
        path: entry.path.to_vec(),
        keywords,
    }
}

struct Groups<'a> {
    expressions: Vec<(&'a str, Regex)>,
    default: &'a str,
    prefix: &'a str,
    label: Option<&'a str>,
    links: Option<Regex>,
}

impl<'a> Groups<'a> {
    fn new(options: &'a Options) -> Result<Self> {
        let known: BTreeSet<_> = options
            .groups
            .iter()
            .map(|(group, _)| group.as_str())
            .chain([options.default.as_str()])
            .collect();
        for (group, _) in options.outputs.iter().chain(&options.unused) {
            if !known.contains(group.as_str()) {
                return Err(Error::Usage(format!(
                    "no --group or --default is named {group}; name one of {}",
                    known.into_iter().collect::<Vec<_>>().join(", ")
                )));
            }
        }
        if known.len() <= options.groups.len() {
            return Err(Error::Usage(
                "two groups have the same name; rename one of them".to_owned(),
            ));
        }
        let mut files = BTreeSet::new();
        for (_, file) in options.outputs.iter().chain(&options.unused) {
            if !files.insert(file) {
                return Err(Error::Usage(format!(
                    "two outputs are the same file, {}; name another",
                    file.display()
                )));
            }
        }
        let expressions = options
            .groups
            .iter()
            .map(|(group, pattern)| {
                let source = match &options.label {
                    Some(label) => format!("attribute layer_groups of {label}: {group:?}: "),
                    None => format!("--group {group}="),
                };
                Ok((group.as_str(), compile(&source, pattern)?))
            })
            .collect::<Result<_>>()?;
        Ok(Self {
            expressions,
            default: &options.default,
            prefix: &options.prefix,
            label: options.label.as_deref(),
            links: match &options.links {
                Some(pattern) => {
                    let source = match &options.label {
                        Some(label) => format!("attribute preserve_symlinks of {label}: "),
                        None => "--links ".to_owned(),
                    };
                    Some(compile(&source, pattern)?)
                }
                None => None,
            },
        })
    }

    fn find(&self, path: &[u8]) -> Result<&'a str> {
        for (group, expression) in &self.expressions {
            if self.is_match("layer_groups", expression, path)? {
                return Ok(group);
            }
        }
        Ok(self.default)
    }

    /// An artifact that is not to be a link is what that leads to.
    fn without_link(&self, mut record: Record) -> Result<Record> {
        if let (Some(expression), Some(Kind::Artifact)) = (&self.links, record.keywords.kind) {
            if !self.is_match("preserve_symlinks", expression, &record.path)? {
                record.keywords.links = Some(Links::Follow);
            }
        }
        Ok(record)
    }

    fn is_match(&self, attribute: &str, expression: &Regex, path: &[u8]) -> Result<bool> {
        let path = format!("{}{}", self.prefix, String::from_utf8_lossy(path));
        expression.is_match(&path).map_err(|error| {
            Error::Usage(format!(
                "{}{}: {error} at {path}; write a simpler expression",
                self.label.map_or_else(String::new, |label| format!(
                    "attribute {attribute} of {label}: "
                )),
                expression.as_str()
            ))
        })
    }
}

fn compile(source: &str, pattern: &str) -> Result<Regex> {
    let invalid = |(position, problem): (usize, String)| {
        Error::Usage(format!(
            "{source}{}: invalid regular expression at character {}: {problem}",
            pattern,
            pattern.get(..position).unwrap_or(pattern).chars().count() + 1,
        ))
    };
    let regex = Regex::new(pattern).map_err(|error| invalid(explain(pattern, &error)))?;
    match Expr::parse_tree(pattern)
        .ok()
        .and_then(|tree| mistake(&tree.expr, regex.captures_len()))
    {
        Some((words, problem)) => Err(invalid((pattern.find(&words).unwrap_or_default(), problem))),
        None => Ok(regex),
    }
}

/// The first part that compiles and yet means nothing, by its words, and how it is wrong.
fn mistake(part: &Expr, groups: usize) -> Option<(String, String)> {
    match part {
        // An error in JavaScript.
        Expr::Repeat { lo, hi, .. } if lo > hi => Some((
            format!("{{{lo},{hi}}}"),
            "invalid repetition count range, the start must be <= the end".to_owned(),
        )),
        Expr::BackrefExistsCondition { group, .. } if *group >= groups => Some((
            format!("(?({group})"),
            format!("Invalid back reference to group {group}"),
        )),
        _ => part
            .children_iter()
            .find_map(|child| mistake(child, groups)),
    }
}

/// Where an expression is wrong (a byte offset), and how.
fn explain(pattern: &str, error: &fancy_regex::Error) -> (usize, String) {
    use fancy_regex::{CompileError, Error};
    match error {
        Error::ParseError(position, problem) => return (*position, problem.to_string()),
        Error::CompileError(problem) if matches!(**problem, CompileError::InnerError(_)) => {}
        _ => return (0, error.to_string()),
    }
    match regex_syntax::parse(pattern) {
        Err(regex_syntax::Error::Parse(error)) => {
            (error.span().start.offset, error.kind().to_string())
        }
        Err(regex_syntax::Error::Translate(error)) => {
            (error.span().start.offset, error.kind().to_string())
        }
        _ => (0, error.to_string()),
    }
}
