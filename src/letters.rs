//! The letters of all pictures, which come along: those of the machine are not looked for.

use std::sync::OnceLock;

use anyhow::{Result, ensure};
use plotters::style::{FontStyle, register_font};

/// The only family that there is.
pub const FAMILY: &str = "sans-serif";

/// Makes the letters known; to be called before anything is drawn.
pub fn register() -> Result<()> {
    static KNOWN: OnceLock<bool> = OnceLock::new();
    let known = KNOWN
        .get_or_init(|| register_font(FAMILY, FontStyle::Normal, dejavu::sans::regular()).is_ok());
    ensure!(known, "the built-in letters cannot be read");
    Ok(())
}
