use super::*;
use crate::convolutional::Encoder;
use proptest::prelude::*;

fn soft_code_word(bits: &[u8]) -> Vec<i8> {
    let mut encoder = Encoder::default();
    let tail = [0; 6];
    let coded = bits.iter().chain(&tail).flat_map(|&bit| encoder.encode(bit));
    coded.map(|bit| if bit == 1 { 100 } else { -100 }).collect()
}

fn packed(bits: &[u8]) -> Vec<u8> {
    let bytes = bits.chunks(8);
    bytes.map(|byte| byte.iter().rev().fold(0, |out, bit| out << 1 | bit)).collect()
}

fn decode(decoder: &mut Viterbi, soft: &[i8], chunk: usize) -> Vec<u8> {
    decoder.begin();
    soft.chunks(2 * chunk).for_each(|soft| decoder.push(soft));
    decoder.finish().to_vec()
}

proptest! {
    #[test]
    fn scattered_errors_are_corrected_whatever_the_chunks(
        bits in proptest::collection::vec(0..2u8, 1..6000),
        chunk in 1..600usize,
        phase in 0..20usize,
    ) {
        let mut soft = soft_code_word(&bits);
        // Every 20th soft bit has the wrong sign, every tenth is erased.
        soft.iter_mut().skip(phase).step_by(20).for_each(|soft| *soft = -*soft);
        soft.iter_mut().skip(phase + 5).step_by(10).for_each(|soft| *soft = 0);
        let decoded = decode(&mut Viterbi::new(), &soft, chunk);
        let bits: Vec<u8> = bits.into_iter().chain([0; 6]).collect();
        prop_assert_eq!(decoded, packed(&bits));
    }

    #[test]
    fn the_cut_does_not_change_what_noise_is_decoded_to(
        soft in proptest::collection::vec(-127..=127i8, 0..12000),
        chunk in 1..600usize,
    ) {
        let soft = &soft[..soft.len() / 2 * 2];
        let mut decoder = Viterbi::new();
        prop_assert_eq!(decode(&mut decoder, soft, chunk), decode(&mut decoder, soft, 6000));
    }

    #[test]
    fn every_kernel_agrees_with_the_scalar_one(
        soft in proptest::collection::vec(-128..=127i8, 0..4000),
        strength in 1..=8i8,
    ) {
        let soft: Vec<i8> = soft.into_iter().map(|soft| soft / strength).collect();
        let (blocks, _) = soft.as_chunks();
        let outcome = |kernel: Kernel| {
            let (mut metrics, mut survivors) = (Metrics::start(), vec![[0; BLOCK]; blocks.len()]);
            (kernel.advance)(&mut metrics, blocks, &mut survivors);
            (survivors, metrics)
        };
        let scalar = outcome(Kernel::all()[0]);
        for kernel in Kernel::all() {
            prop_assert!(outcome(kernel) == scalar, "{}", kernel.name);
        }
    }
}
