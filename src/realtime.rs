//! Real-time priority: whether this thread is left alone by ordinary ones.

use anyhow::Result;

/// Priority among real-time threads: above those that ask for no particular one, below the
/// kernel's own.
#[cfg(unix)]
const PRIORITY: u8 = 50;

/// Asks that this thread runs before all ordinary ones (SCHED_FIFO).
#[cfg(unix)]
pub fn ask() -> Result<()> {
    use thread_priority::unix::{set_thread_priority_and_policy, thread_native_id};
    use thread_priority::{
        RealtimeThreadSchedulePolicy, ThreadPriority, ThreadPriorityValue, ThreadSchedulePolicy,
    };

    let value = ThreadPriorityValue::try_from(PRIORITY).map_err(anyhow::Error::msg)?;
    set_thread_priority_and_policy(
        thread_native_id(),
        ThreadPriority::Crossplatform(value),
        ThreadSchedulePolicy::Realtime(RealtimeThreadSchedulePolicy::Fifo),
    )
    .map_err(|error| anyhow::anyhow!("real-time priority was refused: {error:?}"))
}

/// Lets this thread and what it starts be ordinary, also where real-time priority was inherited.
#[cfg(target_os = "linux")]
pub fn give_up() -> Result<()> {
    use thread_priority::unix::{set_thread_priority_and_policy, thread_native_id};
    use thread_priority::{NormalThreadSchedulePolicy, ThreadPriority, ThreadSchedulePolicy};

    set_thread_priority_and_policy(
        thread_native_id(),
        ThreadPriority::Min,
        ThreadSchedulePolicy::Normal(NormalThreadSchedulePolicy::Other),
    )
    .map_err(|error| anyhow::anyhow!("ordinary priority was refused: {error:?}"))
}

/// Whether it does.
#[cfg(unix)]
pub fn is_had() -> bool {
    use thread_priority::ThreadSchedulePolicy;
    let policy = thread_priority::unix::thread_schedule_policy();
    matches!(policy, Ok(ThreadSchedulePolicy::Realtime(_)))
}

/// There is nothing to ask.
#[cfg(not(unix))]
pub fn ask() -> Result<()> {
    anyhow::bail!("this system has no real-time priority that ackride knows");
}

#[cfg(not(unix))]
pub fn is_had() -> bool {
    false
}
