//! Which network: a scenario file or a preset, and what can be changed in either.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use sim::ErrorTable;
use sim::scenario::{Preset, Scenario, TableName};

use super::options::PresetArgs;

/// Arguments that say which.
#[derive(clap::Args)]
pub struct ScenarioArgs {
    /// A scenario file, or a preset: bss-11n, ibss-11a, lossy-11n, hidden-aps, cs-aps. docs/sim.md
    /// has the format and what the presets are.
    scenario: String,
    #[command(flatten)]
    preset: PresetArgs,
    /// The first seed.
    #[arg(long)]
    seed: Option<u64>,
    /// Frame errors: "ideal" as in ns-3, "measured" of our own receiver, or a file.
    #[arg(long, value_name = "TABLE")]
    error_table: Option<String>,
}

impl ScenarioArgs {
    /// What was asked for.
    pub fn name(&self) -> &str {
        &self.scenario
    }

    /// The preset or the file, with what was asked for besides.
    pub fn scenario(&self) -> Result<Scenario> {
        let mut scenario = match Preset::named(&self.scenario) {
            Some(preset) => preset.scenario(&self.preset.options()).map_err(anyhow::Error::msg)?,
            None => {
                self.preset.refuse()?;
                read(Path::new(&self.scenario))?
            }
        };
        scenario.seed = self.seed.unwrap_or(scenario.seed);
        if let Some(table) = &self.error_table {
            scenario.error_table = table.clone().into();
        }
        scenario.check().with_context(|| self.scenario.clone())?;
        Ok(scenario)
    }
}

/// Reads a scenario file; an error table that it names is found from where it is.
fn read(path: &Path) -> Result<Scenario> {
    if !path.exists() {
        let presets = Preset::ALL.map(Preset::name).join(", ");
        bail!("{}: there is no such file, and the presets are {presets}", path.display());
    }
    let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let mut scenario = Scenario::parse(&text).with_context(|| path.display().to_string())?;
    if let (TableName::File(table), Some(folder)) = (&mut scenario.error_table, path.parent()) {
        *table = folder.join(&table);
    }
    Ok(scenario)
}

/// The table that a scenario names.
pub fn load(table: &TableName) -> Result<ErrorTable> {
    Ok(match table {
        TableName::Ideal => ErrorTable::ideal(),
        TableName::Measured => ErrorTable::measured(),
        TableName::File(path) => {
            let text = fs::read_to_string(path)
                .with_context(|| format!("error table {}", path.display()))?;
            ErrorTable::parse(&text).with_context(|| format!("error table {}", path.display()))?
        }
    })
}
