//! The ways to load the tensors, each of which ends in a digest of every one.
//!
//! A digest is the XXH3 (64 bits) of the XXH3s of the tensor's parts, so that several threads can share a large tensor.

use crate::file::{TensorFile, changed};
use crate::header::Tensor;
use crate::progress::Progress;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom};
use std::ops::Range;
use twox_hash::XxHash3_64;

/// How much is read at a time, into one buffer.
///
/// Little enough that the bytes are still in the core's own cache when they are digested, enough that a
/// system call for each does not show.
pub(crate) const PART_LEN: usize = 256 << 10;

/// Finds errors, not forgers; it is fast enough to leave reading the larger share of the time.
pub(crate) type Digest = u64;

/// How the bytes come into memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// Part by part into a buffer of the pool, which each thread uses again for its next part.
    Pooled,
    /// All parts into buffers of the pool, which are digested when the last is read, and used again for the next run.
    Kept,
    /// All into one vector, then digested by one thread.
    Whole,
    /// All into one vector, then digested by all threads.
    WholeParallel,
    /// Each tensor into a vector of its own, by all threads.
    VectorEach,
}

impl Way {
    pub(crate) const ALL: [Self; 5] = [
        Self::Pooled,
        Self::Kept,
        Self::Whole,
        Self::WholeParallel,
        Self::VectorEach,
    ];

    /// Loads and digests every tensor of the file, in their order.
    ///
    /// # Errors
    ///
    /// Those of the system, and one that says so if the file is no longer as its header was.
    pub(crate) fn load(
        self,
        file: &TensorFile,
        plan: &Plan,
        pool: &zp::Pool,
        progress: &Progress,
    ) -> io::Result<Vec<Digest>> {
        let digests = match self {
            Self::Pooled => read_part::over(&plan.parts, file, progress)
                .on(pool)
                .try_collect()
                .map(|parts: Vec<Digest>| plan.join(&parts)),
            Self::Kept => keep_part::over(&plan.parts, file)
                .on(pool)
                .try_collect()
                .map(|buffers: Vec<zp::Buf>| {
                    let digest = digest_buffer::over(&buffers, progress);
                    let parts: Vec<Digest> = digest.on(pool).collect();
                    plan.join(&parts)
                }),
            Self::Whole => whole(file).map(|bytes| {
                let digest = |part| digest_part(part, &bytes, progress);
                let parts: Vec<Digest> = plan.parts.iter().map(digest).collect();
                plan.join(&parts)
            }),
            Self::WholeParallel => whole(file).map(|bytes| {
                let parts: Vec<Digest> = digest_part::over(&plan.parts, &bytes, progress)
                    .on(pool)
                    .collect();
                plan.join(&parts)
            }),
            Self::VectorEach => read_tensor::over(&file.tensors, file, progress)
                .on(pool)
                .try_collect(),
        };
        digests.map_err(|error| match error.kind() {
            ErrorKind::UnexpectedEof => changed(),
            _ => error,
        })
    }
}

/// The pool of the buffers that the first two ways read into.
pub(crate) fn buffers() -> zp::BufferPool {
    zp::BufferPool::builder()
        // There are no secrets in them, and what is read fills them: so nothing need be wiped.
        .zeroing(zp::Zeroing::Never)
        // As much as a file takes stays from run to run: the next one finds its memory mapped.
        .max_idle_bytes(usize::MAX)
        .max_buffers_per_shard(1 << 20)
        .idle_decay(None)
        .build()
        .expect("the settings are valid everywhere")
}

/// Reads one part into a buffer that the worker lends, and digests it there.
#[zp::batch]
fn read_part(
    #[each] part: &Range<u64>,
    file: &TensorFile,
    progress: &Progress,
    #[buf((part.end - part.start) as usize)] buffer: zp::BufUninit,
) -> io::Result<Digest> {
    let bytes = buffer.read_exact_from(file.at(part.start))?;
    progress.add(bytes.len());
    Ok(XxHash3_64::oneshot(&bytes))
}

/// Reads one part into a buffer that the worker gives away.
#[zp::batch]
fn keep_part(
    #[each] part: &Range<u64>,
    file: &TensorFile,
    #[buf((part.end - part.start) as usize)] buffer: zp::BufUninit,
) -> io::Result<zp::Buf> {
    buffer.read_exact_from(file.at(part.start))
}

/// Digests one part that was kept.
#[zp::batch]
fn digest_buffer(#[each] buffer: &zp::Buf, progress: &Progress) -> Digest {
    progress.add(buffer.len());
    XxHash3_64::oneshot(buffer)
}

/// Digests one part of a file that is in memory.
#[zp::batch]
fn digest_part(#[each] part: &Range<u64>, bytes: &[u8], progress: &Progress) -> Digest {
    let bytes = &bytes[part.start as usize..part.end as usize];
    progress.add(bytes.len());
    XxHash3_64::oneshot(bytes)
}

/// Reads one tensor into a vector of its own, and digests it there.
#[zp::batch]
fn read_tensor(
    #[each] tensor: &Tensor,
    file: &TensorFile,
    progress: &Progress,
) -> io::Result<Digest> {
    let len = usize::try_from(tensor.len()).map_err(|_| ErrorKind::OutOfMemory)?;
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(len)?;
    // Opened anew, since std reads into memory that is not zeroed from a `File` only, and each has but one cursor.
    let mut reader = File::open(&file.path)?;
    reader.seek(SeekFrom::Start(tensor.bytes.start))?;
    reader.take(tensor.len()).read_to_end(&mut bytes)?;
    if bytes.len() != len {
        return Err(changed());
    }
    progress.add(len);
    let parts: Vec<Digest> = bytes.chunks(PART_LEN).map(XxHash3_64::oneshot).collect();
    Ok(join(&parts))
}

fn whole(file: &TensorFile) -> io::Result<Vec<u8>> {
    let bytes = fs::read(&file.path)?;
    if bytes.len() as u64 != file.len {
        return Err(changed());
    }
    Ok(bytes)
}

/// Which parts the tensors are read in.
#[derive(Debug)]
pub(crate) struct Plan {
    /// Where they are in the file, tensor by tensor.
    parts: Vec<Range<u64>>,
    /// For each tensor, where its parts end in `parts`.
    ends: Vec<usize>,
}

impl Plan {
    pub(crate) fn new(tensors: &[Tensor]) -> Self {
        let mut plan = Self {
            parts: Vec::new(),
            ends: Vec::with_capacity(tensors.len()),
        };
        for tensor in tensors {
            let Range { mut start, end } = tensor.bytes;
            while start < end {
                let next = end.min(start + PART_LEN as u64);
                plan.parts.push(start..next);
                start = next;
            }
            plan.ends.push(plan.parts.len());
        }
        plan
    }

    /// Has the pool make the buffers that all parts together take, which would otherwise be made one by one.
    ///
    /// # Errors
    ///
    /// If the system refuses the memory.
    pub(crate) fn preallocate(&self, buffers: &zp::BufferPool) -> io::Result<()> {
        let is_full = |part: &&Range<u64>| part.end - part.start == PART_LEN as u64;
        let count = self.parts.iter().filter(is_full).count();
        let made = buffers.preallocate(count, PART_LEN);
        made.map_err(|error| io::Error::new(ErrorKind::OutOfMemory, error.to_string()))
    }

    /// The digest of each tensor, from those of all parts.
    fn join(&self, parts: &[Digest]) -> Vec<Digest> {
        let mut start = 0;
        let digest = |&end: &usize| join(&parts[std::mem::replace(&mut start, end)..end]);
        self.ends.iter().map(digest).collect()
    }
}

/// One digest from several, in order: those of the parts of a tensor, or of all tensors.
pub(crate) fn join(digests: &[Digest]) -> Digest {
    let bytes: Vec<u8> = digests
        .iter()
        .flat_map(|digest| digest.to_le_bytes())
        .collect();
    XxHash3_64::oneshot(&bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tensor(bytes: Range<u64>) -> Tensor {
        Tensor {
            name: String::new(),
            dtype: safetensors::Dtype::U8,
            shape: vec![(bytes.end - bytes.start) as usize],
            bytes,
        }
    }

    #[test]
    fn parts_cover_the_tensors_and_no_part_spans_two() {
        const LEN: u64 = PART_LEN as u64;
        let ends = [8, 8, 9, 9 + LEN, 9 + 2 * LEN, 10 + 4 * LEN];
        let tensors: Vec<_> = ends
            .windows(2)
            .map(|pair| tensor(pair[0]..pair[1]))
            .collect();
        let plan = Plan::new(&tensors);
        assert_eq!(plan.ends, [0, 1, 2, 3, 6]);
        assert!(
            plan.parts
                .windows(2)
                .all(|pair| pair[0].end == pair[1].start)
        );
        assert!(
            plan.parts
                .iter()
                .all(|part| (1..=LEN).contains(&(part.end - part.start)))
        );
        assert_eq!(
            plan.parts.last().unwrap().clone(),
            9 + 4 * LEN..10 + 4 * LEN
        );
    }

    #[test]
    fn digests_of_parts_are_joined_by_tensor() {
        let tensors = [tensor(0..0), tensor(0..PART_LEN as u64 + 1), tensor(0..1)];
        let plan = Plan::new(&tensors);
        assert_eq!(
            plan.join(&[1, 2, 3]),
            [join(&[]), join(&[1, 2]), join(&[3])]
        );
        assert_ne!(join(&[1, 2]), join(&[2, 1]));
    }
}
