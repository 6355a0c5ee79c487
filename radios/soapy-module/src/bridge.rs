//! What `module.cpp` calls: C functions around a [`Device`].
//!
//! Pointers come from the C++ side, which holds a device from `ackride_open` to `ackride_close`, and
//! whose buffers are as long as it says. Errors are SoapySDR's codes, or sentences in a buffer.

use std::ffi::{CStr, c_char, c_int, c_long, c_void};
use std::slice;
use std::time::Duration;

use num_complex::{Complex, Complex32};
use radios::air::AirAddress;
use radios::{Decibel, Direction, Error, Hertz};

use crate::device::Device;

/// Samples that are converted at a time.
const CONVERTED: usize = 2048;
/// Full scale of 16-bit samples.
const FULL_SCALE: f32 = 32767.0;

/// Room for a sentence that ends with nought.
#[repr(C)]
pub struct Sentence {
    text: *mut c_char,
    len: usize,
}

impl Sentence {
    /// # Safety
    /// `text` points to `len` bytes.
    unsafe fn write(&self, sentence: &str) {
        let count = sentence.len().min(self.len.saturating_sub(1));
        // SAFETY: the caller's promise; `count` and the nought behind it are within.
        unsafe {
            self.text.copy_from_nonoverlapping(sentence.as_ptr().cast(), count);
            *self.text.add(count) = 0;
        }
    }
}

/// # Safety
/// `text` ends with nought.
unsafe fn address(text: *const c_char) -> Result<AirAddress, Error> {
    // SAFETY: the caller's promise.
    unsafe { CStr::from_ptr(text) }.to_string_lossy().parse()
}

/// Whether somebody serves an air there.
#[unsafe(no_mangle)]
unsafe extern "C" fn ackride_is_there(air: *const c_char) -> bool {
    // SAFETY: the C++ side passes a string's own text.
    unsafe { address(air) }.is_ok_and(|address| address.is_served())
}

/// Joins an air. No device, and a sentence, if it refuses.
#[unsafe(no_mangle)]
unsafe extern "C" fn ackride_open(
    air: *const c_char,
    name: *const c_char,
    centre_hz: f64,
    error: Sentence,
) -> *mut Device {
    // SAFETY: the C++ side passes strings' own texts.
    let (air, name) = unsafe { (address(air), CStr::from_ptr(name).to_string_lossy()) };
    match air.and_then(|air| Device::open(&air, &name, Hertz(centre_hz))) {
        Ok(device) => Box::into_raw(Box::new(device)),
        Err(refused) => {
            // SAFETY: the C++ side says how long its buffer is.
            unsafe { error.write(&refused.to_string()) };
            std::ptr::null_mut()
        }
    }
}

/// Leaves the air.
#[unsafe(no_mangle)]
unsafe extern "C" fn ackride_close(device: *mut Device) {
    // SAFETY: it comes from `ackride_open`, and the C++ side forgets it.
    drop(unsafe { Box::from_raw(device) });
}

#[unsafe(no_mangle)]
extern "C" fn ackride_sample_rate(device: &Device) -> f64 {
    device.sample_rate().0
}

#[unsafe(no_mangle)]
extern "C" fn ackride_block(device: &Device) -> usize {
    device.block()
}

#[unsafe(no_mangle)]
extern "C" fn ackride_now_ns(device: &Device) -> i64 {
    device.now_ns()
}

#[unsafe(no_mangle)]
extern "C" fn ackride_lost_samples(device: &Device) -> u64 {
    device.counts().0
}

#[unsafe(no_mangle)]
extern "C" fn ackride_late_bursts(device: &Device) -> u64 {
    device.counts().1
}

#[unsafe(no_mangle)]
extern "C" fn ackride_tune(device: &Device, hz: f64) -> bool {
    device.tune(Hertz(hz)).is_ok()
}

#[unsafe(no_mangle)]
extern "C" fn ackride_set_gain(device: &Device, receiver: bool, db: f64) -> bool {
    let direction = if receiver { Direction::Rx } else { Direction::Tx };
    device.set_gain(direction, Decibel(db)).is_ok()
}

#[unsafe(no_mangle)]
extern "C" fn ackride_receive(device: &Device, on: bool) -> c_int {
    device.receive(on).map_or_else(|code| code as c_int, |()| 0)
}

/// Reads samples: 16-bit integers if `integers`, else floats.
#[unsafe(no_mangle)]
unsafe extern "C" fn ackride_read(
    device: &Device,
    buffer: *mut c_void,
    integers: bool,
    len: usize,
    time_ns: &mut i64,
    timeout_us: c_long,
) -> c_int {
    let outcome = if integers {
        // SAFETY: the C++ side says how many samples its buffer has room for.
        let output = unsafe { slice::from_raw_parts_mut(buffer.cast::<Complex<i16>>(), len) };
        let mut samples = [Complex32::ZERO; CONVERTED];
        let samples = &mut samples[..len.min(CONVERTED)];
        device.read(samples, timeout(timeout_us)).inspect(|&(count, _)| {
            for (output, sample) in output.iter_mut().zip(&samples[..count]) {
                let scaled = sample * FULL_SCALE;
                *output = Complex::new(scaled.re.round() as i16, scaled.im.round() as i16);
            }
        })
    } else {
        // SAFETY: as above.
        let output = unsafe { slice::from_raw_parts_mut(buffer.cast::<Complex32>(), len) };
        device.read(output, timeout(timeout_us))
    };
    match outcome {
        Ok((count, at_ns)) => {
            *time_ns = at_ns;
            count as c_int
        }
        Err(code) => code as c_int,
    }
}

/// Takes samples to transmit: 16-bit integers if `integers`, else floats.
#[unsafe(no_mangle)]
unsafe extern "C" fn ackride_write(
    device: &Device,
    buffer: *const c_void,
    integers: bool,
    len: usize,
    time_ns: Option<&i64>,
    end_of_burst: bool,
    timeout_us: c_long,
) -> c_int {
    let (at_ns, timeout) = (time_ns.copied(), timeout(timeout_us));
    let outcome = if integers {
        // SAFETY: the C++ side says how many samples are in its buffer, which is there if any are.
        let input = match len {
            0 => &[][..],
            _ => unsafe { slice::from_raw_parts(buffer.cast::<Complex<i16>>(), len) },
        };
        let mut samples = [Complex32::ZERO; CONVERTED];
        let count = len.min(CONVERTED);
        for (sample, input) in samples.iter_mut().zip(input) {
            *sample = Complex32::new(input.re.into(), input.im.into()) / FULL_SCALE;
        }
        device.write(&samples[..count], at_ns, end_of_burst && count == len, timeout)
    } else {
        // SAFETY: as above.
        let input = match len {
            0 => &[][..],
            _ => unsafe { slice::from_raw_parts(buffer.cast::<Complex32>(), len) },
        };
        device.write(input, at_ns, end_of_burst, timeout)
    };
    outcome.map_or_else(|code| code as c_int, |count| count as c_int)
}

/// What has become of bursts.
#[unsafe(no_mangle)]
extern "C" fn ackride_status(device: &Device, time_ns: &mut i64, timeout_us: c_long) -> c_int {
    let (code, at_ns) = device.status(timeout(timeout_us));
    *time_ns = at_ns;
    code as c_int
}

fn timeout(us: c_long) -> Duration {
    Duration::from_micros(us.max(0) as u64)
}
