//! Frames that were on the air, with their FCS, one of each kind in the captures of this project.

/// Kind, and the MPDU in hexadecimal digits.
const CAPTURED: &[(&str, &str)] = &[
    (
        "Data",
        "08010000ffffffffffff1322334455661322334455661086d8000c2400b382a1fc13a74109000000
         00000121e001c3d450fe2c71ba7c0b20fae0c25bfc0aab8e3be9f06067d8d70358de05084ededaf5
         02885b8321fc3417e180a3dfcfe0cc16f0680db757cfe6f7e1ff11e1f067e1c2f6b8281ddc236d0d
         bdefd3857099c14e2d6bfdfac3023cfd3fd06c98ec427bc18f8df0267be3a6efc5f82d05dc1b033e
         0903fc3be19370664e0f7c0a0f87ccfd05e23286036b5f17c190fe0d9f0bf83a095409a0f78250ed
         4787f837073c3e04fe20179bbf85b8360d77e0590526e11325f88d8f6fe2817ca59f2f",
    ),
    (
        "Data",
        "0842000001005e000002e8de27906e42985fd3c7062750188601006000000000e8dda6b783358827
         afbd2c960381669018be97241fac3611c685e592ffb7c8218104c70660b755209a55cfae8603a7d1
         8473c217",
    ),
    (
        "Probe Response",
        "50000000a470d6bb3dbbe8de27906e42e8de27906e4240042438c10100000000ffff110000054150
         332d350101b003012830140100000fac040100000fac040100000fac020c007f0800000000000000
         40dd180050f2020101800003a4000027a4000042435e0062322f00dd39bfde",
    ),
    ("Block Ack Req", "84005400e8de27906e42985fd3c70627040090d2575ef7b0"),
    (
        "QoS Data",
        "88423c00985fd3c70627e8de27906e42e8de27906e40f0a00000100a00200000000026a11944ecdb
         2c00974ef22b17c54fb8b04ac78456028f81c7a844bc19fffe27576dbb311b8f8a1d729b5edfeb01
         b78a952ef25c8d40189d3a1c44d1",
    ),
    ("Block Ack", "94000000985fd3c70627e8de27906e42050000fa0000000000000000d2fee089"),
    ("CTS", "c400360160e327813766dfa74ff9"),
    ("Ack", "d4000000e4907e152a168cf611e3"),
];

/// The captured frames: what kind each is, and its bytes.
pub fn captured() -> impl Iterator<Item = (&'static str, Vec<u8>)> {
    CAPTURED.iter().map(|&(kind, digits)| (kind, hex(digits)))
}

/// The bytes of a text of hexadecimal digits.
fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(16)).collect();
    digits.as_chunks().0.iter().map(|&[high, low]| (high << 4 | low) as u8).collect()
}
