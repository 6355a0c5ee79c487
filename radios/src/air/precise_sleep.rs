//! Sleep that ends when it should.

/// Asks that this thread be woken in time: ordinary ones are up to 50 microseconds late, so that the
/// kernel can wake several at once.
pub(super) fn ask() {
    // Refused, the air's steps are less even, and the radios will notice if that is too much.
    #[cfg(target_os = "linux")]
    let _ = nix::sys::prctl::set_timerslack(1);
}
