//! The bandwidth of the channel in a recording's metadata: the key `ackride:bandwidth_mhz` of the
//! `global` object, a SigMF extension that other programs may ignore.

use phy80211::Bandwidth;
use radios::sigmf::Metadata;
use serde_json::json;

const KEY: &str = "ackride:bandwidth_mhz";

/// The bandwidth that a recording says it has.
pub fn read(metadata: &Metadata) -> Option<Bandwidth> {
    let mhz = metadata.global.other.get(KEY)?.as_u64()?;
    Bandwidth::from_mhz(u32::try_from(mhz).ok()?)
}

/// Says it.
pub fn write(metadata: &mut Metadata, bandwidth: Bandwidth) {
    let other = &mut metadata.global.other;
    other.insert(KEY.to_owned(), json!(bandwidth.mhz()));
    let extension =
        json!({ "name": "ackride", "version": env!("CARGO_PKG_VERSION"), "optional": true });
    let extensions = other.entry("core:extensions").or_insert_with(|| json!([]));
    if let Some(extensions) = extensions.as_array_mut() {
        extensions.retain(|extension| extension["name"] != "ackride");
        extensions.push(extension);
    }
}
