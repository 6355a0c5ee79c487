use super::*;

const SCENARIO: &str = r#"
duration = "1 s"

[[node]]
name = "ap"
role = "ap"
standard = "802.11n"
bandwidth_mhz = 40
rate = "mcs7"

[[node]]
name = "client"
count = 2
role = "station"
standard = "802.11n"
bandwidth_mhz = 40
rate = "mcs7"

[[wire]]
host = "server"
node = "ap"
rate_mbps = 500
delay = "1 ms"
queue = 100

[[link]]
between = ["ap", "client"]
snr_db = 30

[[tcp]]
from = "server"
to = "client"
"#;

/// What is said of the scenario with a change.
fn refused(what: &str, with: &str) -> String {
    assert!(SCENARIO.contains(what), "{what}");
    let changed = SCENARIO.replacen(what, with, 1);
    Scenario::parse(&changed).expect_err(with).to_string()
}

#[test]
fn a_scenario_is_read() {
    let scenario = Scenario::parse(SCENARIO).unwrap();
    assert_eq!(Scenario::parse(&scenario.to_toml()), Ok(scenario));
}

#[test]
fn what_makes_no_sense_is_told_with_its_line() {
    for (what, with, expected) in [
        ("rate = \"mcs7\"", "rate = \"mcs9\"", "line 9: \"mcs9\" is no rate"),
        ("\"1 ms\"", "\"1 hour\"", "line 23: \"1 hour\" is no time"),
        ("count = 2", "amount = 2", "line 13: unknown field `amount`"),
        ("role = \"ap\"", "role = \"app\"", "line 6: unknown variant `app`"),
        ("role = \"ap\"", "role = \"station\"", "line 5: \"ap\" is a station, but there is no AP"),
        ("bandwidth_mhz = 40", "bandwidth_mhz = 80", "line 8: 80 MHz; there are 40, 20 here"),
        ("bandwidth_mhz = 40", "bandwidth_mhz = 20", "line 12: \"client\" is a station"),
        ("[[link]]", "[[lonk]]", "line 26: unknown field `lonk`"),
        ("snr_db = 30", "", "line 27: a link has one of"),
        ("snr_db = 30", "snr_db = 30\nhidden = true", "line 27: a link has one of"),
        ("\"ap\", \"client\"", "\"ap\", \"server\"", "line 27: \"server\" has no radio"),
        ("from = \"server\"", "from = \"nobody\"", "line 31: traffic of \"nobody\", which is not"),
        (
            "from = \"server\"",
            "from = \"ap\"\nstart = \"2 s\"",
            "line 31: the traffic begins after",
        ),
        (
            "to = \"client\"",
            "to = \"ap\"",
            "line 32: from \"server\" to \"ap\" nothing goes by air",
        ),
        ("host = \"server\"", "host = \"client2\"", "line 20: there is more than one \"client2\""),
        ("host = \"server\"", "host = \"client\"", "line 20: there is more than one \"client\""),
        ("host = \"server\"", "host = \"a b\"", "line 20: \"a b\": names are of letters"),
        ("rate_mbps = 500", "rate_mbps = 0", "line 22: 0 Mbit/s is no rate of a wire"),
        ("node = \"ap\"", "node = \"client\"", "line 21: a wire leads to one node"),
        ("count = 2", "count = 0", "line 12: count of \"client\" is 0"),
        ("count = 2", "count = 1000", "line 12: 1001 nodes; 250 are the most"),
        ("duration = \"1 s\"", "duration = \"0 s\"", "duration is 0 s"),
        ("duration = \"1 s\"", "duration = \"1 s\"\nuntil_done = true", "until_done is set"),
        ("[[tcp]]", "[[udp]]", "line 31: datagrams need either"),
        ("[[tcp]]", "[tcp", "line 30: "),
    ] {
        let told = refused(what, with);
        assert!(told.starts_with(expected), "{with}: {told}");
    }
}

#[test]
fn carrier_sense_is_not_so_late_that_responses_are_over() {
    for (late, expected) in [
        ("share = 1.5, by = \"9 us\"", "share is 0 to 1, not 1.5"),
        ("share = 0.5, by = \"27 us\"", "carrier sense is late by 20 us at most"),
        ("share = 0.5", "missing field `by`"),
    ] {
        let told = refused("rate =", &format!("late_sensing = {{ {late} }}\nrate ="));
        assert!(told.starts_with(&format!("line 9: {expected}")), "{told}");
    }
}

#[test]
fn acks_that_are_never_sent_are_refused() {
    for (thin, expected) in [
        ("one_in = 0", "one_in is 1 to 1000, not 0"),
        ("one_in = 12, flush = \"1 s\"", "flush is more than 0 s and less than 200 ms"),
    ] {
        let told = refused("rate =", &format!("thin = {{ {thin} }}\nrate ="));
        assert!(told.starts_with(&format!("line 9: {expected}")), "{told}");
    }
}

#[test]
fn acks_that_could_not_ride_are_refused() {
    for (hack, expected) in [
        ("policy = \"all\"", "unknown variant `all`"),
        ("policy = \"adaptive\", timer = \"5 ms\"", "timer is of the policy \"timer\""),
        ("policy = \"timer\", timer = \"0 s\"", "ACKs may wait for more than 0 s"),
        ("policy = \"adaptive\", safety = \"200 ms\"", "ACKs may wait for more than 0 s"),
        ("policy = \"adaptive\", risk_bytes = 0", "risk_bytes is 1 to 1024"),
        ("timer = \"5 ms\"", "missing field `policy`"),
    ] {
        let told = refused("rate =", &format!("hack = {{ {hack} }}\nrate ="));
        assert!(told.starts_with(&format!("line 9: {expected}")), "{told}");
    }
    let ibss = SCENARIO.replace("\"ap\"\nstandard", "\"ibss\"\nstandard");
    let ibss = ibss.replace("\"station\"", "\"ibss\"");
    let told =
        Scenario::parse(&ibss.replacen("rate =", "hack = { policy = \"timer\" }\nrate =", 1));
    let told = told.expect_err("only one has it").to_string();
    assert!(told.starts_with("line 9: \"client\" has no hack"), "{told}");
}

#[test]
fn parameters_that_no_frame_could_tell_are_refused() {
    for (edca, expected) in [
        ("aifsn = 1, cw_min = 15, cw_max = 1023", "aifsn is 2 to 15"),
        ("aifsn = 3, cw_min = 16, cw_max = 1023", "windows are"),
        ("aifsn = 3, cw_min = 31, cw_max = 15", "windows are"),
    ] {
        let line = format!("edca = {{ {edca}, txop_limit = \"0 s\" }}\nrate =");
        let told = refused("rate =", &line);
        assert!(told.starts_with(&format!("line 9: {expected}")), "{told}");
    }
    let told = refused("rate =", "ampdu = { max_bytes = 70000 }\nrate =");
    assert_eq!(told, "line 9: 70000 bytes; A-MPDUs have 65535 at most");
}
