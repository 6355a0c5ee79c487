use std::time::{Duration, Instant};

use radios::air::{Air, AirConfig};
use radios::{Complex32, Hertz};

use super::{PATIENCE, read, start};

#[test]
fn time_passes_as_the_wall_clocks() {
    let air = Air::start(AirConfig { block: 1000, ..AirConfig::new(Hertz(1e6)) }).unwrap();
    let mut a = start(&air, "a");
    let begun = Instant::now();
    read(a.rx.as_mut(), 200_000);
    let passed = begun.elapsed();
    // It may stand still on a busy machine, but not hurry.
    assert!(passed > Duration::from_millis(190), "{passed:?}");
    let expected = Duration::from_millis(210) + air.stood_still();
    assert!(passed < expected + Duration::from_millis(100), "{passed:?}");
}

#[test]
fn who_does_not_read_loses_the_oldest_samples_and_is_told() {
    let buffer = Duration::from_millis(10);
    let config = AirConfig { buffer, block: 1000, ..AirConfig::new(Hertz(1e6)) };
    let air = Air::start(config).unwrap();
    let mut a = start(&air, "a");
    let (time, _) = read(a.rx.as_mut(), 1000);
    while air.now().since(time) < 50_000 {
        std::thread::sleep(Duration::from_millis(1));
    }
    let mut samples = vec![Complex32::ZERO; 1000];
    let chunk = a.rx.read(&mut samples, PATIENCE).unwrap();
    assert!(chunk.lost >= 38_000, "{chunk:?}");
    assert_eq!(chunk.time.since(time), 1000 + chunk.lost);
}
