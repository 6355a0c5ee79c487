//! What the reference library compressed decompresses to its sources.

mod captures;

use std::path::Path;

use rohc::Error;
use rohc::cid::CidSpace;
use rohc::rohc_tcp::{Decompressor, DecompressorConfig};

/// What became of the packets of a capture.
#[derive(Debug, Default)]
struct Tally {
    same: usize,
    /// Packets of a profile that is neither ROHC-TCP nor Uncompressed, and those that refer to it.
    other_profile: usize,
    wrong: Vec<String>,
}

impl Tally {
    fn add(&mut self, other: Self) {
        self.same += other.same;
        self.other_profile += other.other_profile;
        self.wrong.extend(other.wrong);
    }
}

fn decompress_all<'a>(
    name: &str,
    cids: CidSpace,
    wires: impl Iterator<Item = &'a Vec<u8>>,
    sources: &[Vec<u8>],
) -> Tally {
    let mut decompressor = Decompressor::new(DecompressorConfig { cids, feedback: false });
    let mut tally = Tally::default();
    let mut packet = vec![0; 65536];
    let mut foreign = std::collections::HashSet::new();
    for (number, (wire, source)) in wires.zip(sources).enumerate() {
        match decompressor.decompress(wire, &mut packet) {
            Ok(Some(done)) if packet[..done.length] == source[..] => {
                foreign.remove(&done.cid);
                tally.same += 1;
            }
            Err(Error::UnknownProfile { cid, .. }) => {
                foreign.insert(cid);
                tally.other_profile += 1;
            }
            Err(Error::NoContext { cid }) if foreign.contains(&cid) => tally.other_profile += 1,
            Ok(Some(done)) => {
                let at = packet[..done.length].iter().zip(source).position(|(a, b)| a != b);
                tally.wrong.push(format!(
                    "{name} packet {number}: {} differs at octet {at:?} ({} octets of {})",
                    done.format,
                    done.length,
                    source.len(),
                ));
            }
            Ok(None) => tally.wrong.push(format!("{name} packet {number}: feedback only")),
            Err(error) => tally.wrong.push(format!("{name} packet {number}: {error}")),
        }
    }
    tally
}

fn report(tally: &Tally) {
    let Tally { same, other_profile, wrong } = tally;
    println!(
        "{same} packets as their sources, {other_profile} of other profiles, {} not",
        wrong.len()
    );
    let mut last = "";
    for line in wrong {
        let case = line.split("/rohc_").next().unwrap_or(line);
        if case != last {
            println!("{line}");
            last = case;
        }
    }
    assert!(wrong.is_empty());
    assert!(*same > 0);
}

#[test]
fn outputs_of_the_reference_library_decompress_to_their_sources() {
    let Some(folder) = captures::vectors("outputs of the reference library") else { return };
    let mut all = Tally::default();
    for source in captures::files_named(&folder.join("rfc6846"), |name| name == "source.pcap") {
        let case = source.parent().expect("in a folder");
        // The reference library itself does not decode this one.
        if case.ends_with("afl61-large-ts-in-opt") {
            continue;
        }
        let sources = captures::ip_packets(&source);
        for output in captures::files_named(case, |name| name.starts_with("rohc_")) {
            if output.parent() != Some(case) {
                continue;
            }
            let name = output.to_string_lossy().into_owned();
            let contexts = if name.contains("maxcontexts0") { 16 } else { 16384 };
            let cids = match name.contains("largecid") {
                true => CidSpace::large(contexts - 1),
                false => CidSpace::small(contexts.min(16) - 1),
            };
            // Two compressors took turns.
            let wires = captures::packets(&output);
            for half in 0..2 {
                let wires = wires.iter().skip(half).step_by(2);
                let short = output.strip_prefix(&folder).unwrap_or(Path::new("?")).display();
                all.add(decompress_all(&format!("{short}/{half}"), cids, wires, &sources));
            }
        }
    }
    report(&all);
}

#[test]
fn the_ack_traces_of_the_reference_library_decompress_to_their_sources() {
    let Some(folder) = captures::vectors("ACK traces of the reference library") else { return };
    let mut all = Tally::default();
    for output in captures::files_named(&folder.join("librohc-out"), |name| name.ends_with(".pcap"))
    {
        let name = output.file_name().expect("a file").to_string_lossy().into_owned();
        let trace = name.replace(".u4small.rohc.pcap", ".acks.pcap");
        let sources = captures::ip_packets(&folder.join("ack-traces").join(trace));
        let wires = captures::packets(&output);
        assert_eq!(wires.len(), sources.len());
        all.add(decompress_all(&name, CidSpace::small(15), wires.iter(), &sources));
    }
    report(&all);
}
