//! The bench measures what it says; how fast that is depends on the machine.

mod common;

use common::stdout;
use serde_json::Value;

#[test]
fn every_rate_is_received_and_answered() {
    let text = stdout(["bench", "--json", "--seconds", "0.01", "--frames", "20"]);
    let report: Value = serde_json::from_str(&text).unwrap();
    let throughput = report["throughput"].as_array().unwrap();
    assert_eq!(throughput.len(), 8 + 8 + 8 + 2);
    for rate in throughput {
        assert_eq!(rate["good"], rate["frames"], "{rate}");
        assert!(rate["s_per_air_s"].as_f64().unwrap() > 0.0);
    }
    assert!(report["realtime"].is_boolean());
    for latency in report["latency"].as_array().unwrap() {
        assert_eq!(latency["frames"], 20);
        let quantiles = |key: &str| -> Vec<f64> {
            latency[key].as_array().unwrap().iter().map(|us| us.as_f64().unwrap()).collect()
        };
        let (verdict, answer) = (quantiles("verdict"), quantiles("answer"));
        assert!(verdict.is_sorted() && answer.is_sorted() && quantiles("spin").is_sorted());
        assert!(verdict.iter().zip(&answer).all(|(verdict, answer)| verdict < answer));
    }
}
