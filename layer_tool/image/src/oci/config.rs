//! The configuration of an image (OCI image specification 1.1, config.md).

use super::names::{check_port, check_user};
use super::platform::Platform;
use layer::digest::Digest;
use layer::error::{Error, Result};
use layer::metadata::Metadata;
use serde::de::DeserializeOwned;
use serde::Deserialize as _;
use serde_json::{json, Map, Value};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

/// What a program finds others in where nothing says so, as container runtimes have it.
const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// When everything was made: bytes must not depend on the clock.
const CREATED: &str = "1970-01-01T00:00:00Z";

/// What a container is started with. What is not given stays as the base has it.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Words of the program; empty: none.
    pub entrypoint: Option<Vec<String>>,
    /// Words after it, which `docker run IMAGE WORD...` replaces.
    pub cmd: Option<Vec<String>>,
    /// `NAME=VALUE`, each replacing a variable of that name.
    pub env: Vec<String>,
    /// A directory that `PATH` ends with, unless `env` has that variable.
    pub end_of_path: Option<String>,
    /// Absolute path.
    pub workdir: Option<String>,
    /// See [`check_user`].
    pub user: Option<String>,
    /// Added to those of the base.
    pub labels: BTreeMap<String, String>,
    /// See [`check_port`].
    pub exposed_ports: Vec<String>,
    /// Absolute paths of directories whose content is none of the image's.
    pub volumes: Vec<String>,
}

impl Settings {
    /// Puts the interpreter before the entrypoint if the file `launcher` is a Python script.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn start_by_python(&mut self, launcher: &Path, python: &str) -> Result<()> {
        let mut line = Vec::new();
        File::open(launcher)
            .and_then(|file| BufReader::new(file.take(256)).read_until(b'\n', &mut line))
            .map_err(Error::io("read", launcher))?;
        let is_script = line.starts_with(b"#!") && line.windows(6).any(|word| word == b"python");
        let words = is_script.then(|| python.to_owned());
        let entrypoint = self.entrypoint.take().unwrap_or_default();
        self.entrypoint = Some(words.into_iter().chain(entrypoint).collect());
        Ok(())
    }

    fn check(&self) -> Result<()> {
        for variable in &self.env {
            if variable.find('=').unwrap_or_default() == 0 || variable.contains('\0') {
                return Err(Error::Usage(format!(
                    "--env {variable:?} is not a variable; write NAME=VALUE"
                )));
            }
        }
        let first =
            |words: &Option<Vec<String>>| words.as_ref().and_then(|words| words.first()).cloned();
        if first(&self.entrypoint).is_some_and(|program| program.is_empty()) {
            return Err(Error::Usage(
                "--entrypoint \"\" is empty; leave it out, or name a program".to_owned(),
            ));
        }
        if let Some(workdir) = self.workdir.as_ref().filter(|path| !path.starts_with('/')) {
            return Err(Error::Usage(format!(
                "--workdir {workdir:?} is not an absolute path; begin it with /"
            )));
        }
        if let Some(volume) = self.volumes.iter().find(|path| !path.starts_with('/')) {
            return Err(Error::Usage(format!(
                "--volume {volume:?} is not an absolute path; begin it with /"
            )));
        }
        self.exposed_ports
            .iter()
            .try_for_each(|port| check_port(port))?;
        self.user.as_deref().map_or(Ok(()), check_user)
    }

    /// Changes the field `config` of a configuration.
    fn apply(&self, config: &mut Map<String, Value>) {
        if let Some(entrypoint) = &self.entrypoint {
            // Its words went with the other entrypoint.
            config.remove("Cmd");
            set_words(config, "Entrypoint", entrypoint);
        }
        if let Some(cmd) = &self.cmd {
            set_words(config, "Cmd", cmd);
        }
        if !self.env.is_empty() || self.end_of_path.is_some() {
            let mut env = words(config, "Env");
            if let Some(directory) = &self.end_of_path {
                let path = value(&env, "PATH").unwrap_or(DEFAULT_PATH);
                let path = format!("PATH={path}:{directory}");
                set_variable(&mut env, &path);
            }
            for variable in &self.env {
                set_variable(&mut env, variable);
            }
            set_words(config, "Env", &env);
        }
        for (field, value) in [("WorkingDir", &self.workdir), ("User", &self.user)] {
            if let Some(value) = value {
                config.insert(field.to_owned(), json!(value));
            }
        }
        let labels = self.labels.iter();
        extend(
            config,
            "Labels",
            labels.map(|(name, value)| (name.clone(), json!(value))),
        );
        for (field, keys) in [
            ("ExposedPorts", &self.exposed_ports),
            ("Volumes", &self.volumes),
        ] {
            let empty = keys.iter().map(|key| (key.clone(), json!({})));
            extend(config, field, empty);
        }
    }
}

/// The value of a variable.
fn value<'a>(env: &'a [String], name: &str) -> Option<&'a str> {
    env.iter()
        .filter_map(|variable| variable.split_once('='))
        .find_map(|(other, value)| (other == name).then_some(value))
}

/// Sets `NAME=VALUE`, in the place of a variable of that name.
fn set_variable(env: &mut Vec<String>, variable: &str) {
    let (name, _) = variable.split_once('=').unwrap_or_default();
    let same = |old: &&mut String| old.split_once('=').is_some_and(|(old, _)| old == name);
    match env.iter_mut().find(same) {
        Some(old) => variable.clone_into(old),
        None => env.push(variable.to_owned()),
    }
}

/// Fails unless what the configuration of a base says has the types of config.md.
///
/// # Errors
/// Which field has not, and what is wrong with it.
pub fn check_types(config: &Map<String, Value>) -> std::result::Result<(), String> {
    let top = Fields { of: "", config };
    for field in ["author", "created", "os.version", "variant"] {
        top.check::<String>(field)?;
    }
    top.check::<Vec<String>>("os.features")?;

    let history: Vec<Map<String, Value>> = top.check("history")?;
    for entry in &history {
        let entry = Fields {
            of: "history.",
            config: entry,
        };
        for field in ["author", "comment", "created", "created_by"] {
            entry.check::<String>(field)?;
        }
        entry.check::<bool>("empty_layer")?;
    }

    let rootfs = Fields {
        of: "rootfs.",
        config: &top.check("rootfs")?,
    };
    rootfs.check::<String>("type")?;
    rootfs.check::<Vec<Digest>>("diff_ids")?;

    let start = Fields {
        of: "config.",
        config: &top.check("config")?,
    };
    for field in ["StopSignal", "User", "WorkingDir"] {
        start.check::<String>(field)?;
    }
    for field in ["Cmd", "Entrypoint", "Env"] {
        start.check::<Vec<String>>(field)?;
    }
    start.check::<BTreeMap<String, String>>("Labels")?;
    for field in ["ExposedPorts", "Volumes"] {
        start.check::<Map<String, Value>>(field)?;
    }
    start.check::<bool>("ArgsEscaped")?;
    Ok(())
}

/// The fields of an object in a configuration.
struct Fields<'a> {
    /// What stands before their names in a message.
    of: &'a str,
    config: &'a Map<String, Value>,
}

impl Fields<'_> {
    /// The value of a field that is of this type; what is not there, or null, is its default.
    fn check<T: DeserializeOwned + Default>(&self, field: &str) -> std::result::Result<T, String> {
        let value = self.config.get(field).unwrap_or(&Value::Null);
        let value = Option::<T>::deserialize(value);
        let value = value.map_err(|error| format!("{}{field}: {error}", self.of))?;
        Ok(value.unwrap_or_default())
    }
}

fn words(config: &Map<String, Value>, field: &str) -> Vec<String> {
    let words = config
        .get(field)
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    words.filter_map(Value::as_str).map(str::to_owned).collect()
}

fn set_words(config: &mut Map<String, Value>, field: &str, words: &[String]) {
    if words.is_empty() {
        config.remove(field);
    } else {
        config.insert(field.to_owned(), json!(words));
    }
}

/// Takes the object of a field out; empty if there is none.
fn take_object(parent: &mut Map<String, Value>, field: &str) -> Map<String, Value> {
    match parent.remove(field) {
        Some(Value::Object(object)) => object,
        _ => Map::new(),
    }
}

/// Adds to the object of a field.
fn extend(
    parent: &mut Map<String, Value>,
    field: &str,
    values: impl Iterator<Item = (String, Value)>,
) {
    let mut values = values.peekable();
    if values.peek().is_some() {
        let mut object = take_object(parent, field);
        object.extend(values);
        parent.insert(field.to_owned(), object.into());
    }
}

/// Takes the list of a field out; empty if there is none.
fn take_list(parent: &mut Map<String, Value>, field: &str) -> Vec<Value> {
    match parent.remove(field) {
        Some(Value::Array(list)) => list,
        _ => Vec::new(),
    }
}

/// A layer that is added: its metadata and where that stands.
pub type Added = (PathBuf, Metadata);

/// The configuration of an image whose base has a configuration and so many layers.
///
/// # Errors
/// Settings or metadata that cannot be of an image.
pub fn configure(
    base: Option<(&Map<String, Value>, usize)>,
    platform: &Platform,
    settings: &Settings,
    layers: &[Added],
) -> Result<Map<String, Value>> {
    settings.check()?;
    let (mut config, below) =
        base.map_or_else(Default::default, |(base, layers)| (base.clone(), layers));

    let mut rootfs = take_object(&mut config, "rootfs");
    let mut diff_ids = take_list(&mut rootfs, "diff_ids");
    if diff_ids.len() != below {
        return Err(Error::Usage(format!(
            "the configuration of the base has {} diff_ids for {below} layers; give another base",
            diff_ids.len()
        )));
    }
    let mut history = take_list(&mut config, "history");
    let is_layer = |entry: &&Value| entry.get("empty_layer") != Some(&json!(true));
    // One entry for each layer, also where the base says nothing about some.
    let known = history.iter().filter(is_layer).count();
    let unknown = || json!({"comment": "of the base, which has no history for it"});
    history.extend((known..below).map(|_| unknown()));

    for (path, layer) in layers {
        let (diff_id, made) = about_layer(path, layer)?;
        diff_ids.push(json!(diff_id));
        history.push(made);
    }

    config.insert("architecture".to_owned(), json!(platform.architecture));
    config.insert("os".to_owned(), json!(platform.os));
    if let Some(variant) = &platform.variant {
        config.insert("variant".to_owned(), json!(variant));
    }
    config.insert("created".to_owned(), json!(CREATED));
    let mut start = take_object(&mut config, "config");
    settings.apply(&mut start);
    config.insert("config".to_owned(), start.into());
    config.insert("history".to_owned(), json!(history));
    config.insert(
        "rootfs".to_owned(),
        json!({"type": "layers", "diff_ids": diff_ids}),
    );
    Ok(config)
}

/// What the configuration says of a layer with this metadata: its diffID, and how it was made.
///
/// # Errors
/// The diffID is not known.
pub fn about_layer<'a>(metadata: &Path, layer: &'a Metadata) -> Result<(&'a Digest, Value)> {
    let diff_id = layer.diff_id.as_ref().ok_or_else(|| Error::Content {
        path: metadata.to_owned(),
        problem: "has no diff_id, which an image needs; write the layer without --no-diff-id"
            .to_owned(),
    })?;
    let made = json!({"created": CREATED, "created_by": format!("layer_tool: {}", layer.name)});
    Ok((diff_id, made))
}
