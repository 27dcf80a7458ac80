//! A file to load when none is given: tensors of random bits in the shapes of a small language model.

use crate::file::TensorFile;
use crate::header::GENERATOR;
use crate::progress::Progress;
use safetensors::tensor::View;
use safetensors::{Dtype, SafeTensorError};
use std::borrow::Cow;
use std::collections::HashMap;
use std::env;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

/// Of the random bits: every file of one size is the same.
const SEED: u64 = 5;

/// Where the file of this size is kept. Its name says that nobody misses it.
pub(crate) fn path(size: u64) -> PathBuf {
    env::temp_dir().join(format!("zeropool-tensors-{size}.safetensors"))
}

/// Makes the file, unless it is there already and whole. Returns whether it made it.
///
/// It is written under another name and takes its own once it is complete, so what is there is never half a file.
///
/// # Errors
///
/// Those of the system: no space, no permission, or something other than a file in its place.
pub(crate) fn ensure(path: &Path, size: u64) -> io::Result<bool> {
    let generator = format!("zeropool tensors, seed {SEED}, {size} bytes");
    let is_there = TensorFile::open(path)
        .is_ok_and(|file| file.data_len() == size && file.generator.as_deref() == Some(&generator));
    if is_there {
        return Ok(false);
    }
    let progress = Progress::start("making a file", size);
    let tensors = layout(size).into_iter().enumerate().map(|(index, shape)| {
        let (name, dtype, shape) = shape;
        let random = Random {
            dtype,
            shape,
            index: index as u64,
            progress: &progress,
        };
        (name, random)
    });
    let metadata = HashMap::from([(GENERATOR.to_owned(), generator)]);
    safetensors::serialize_to_file(tensors, Some(metadata), path).map_err(|error| match error {
        SafeTensorError::IoError(error) => error,
        other => io::Error::other(other.to_string()),
    })?;
    // Otherwise the system would write it to the disk while it is loaded, and slow that down.
    File::options().write(true).open(path)?.sync_all()?;
    Ok(true)
}

type Shape = (String, Dtype, Vec<usize>);

/// Tensors of `size` bytes in all: whole layers as long as they fit, and the rest.
fn layout(size: u64) -> Vec<Shape> {
    let mut left = size;
    let mut tensors = vec![("empty".to_owned(), Dtype::F32, vec![0, 1024])];
    let mut add = |group: Vec<Shape>| {
        let len: u64 = group
            .iter()
            .map(|(_, dtype, shape)| len(*dtype, shape) as u64)
            .sum();
        let fits = len <= left;
        if fits {
            left -= len;
            tensors.extend(group);
        }
        fits
    };
    add(vec![("step".to_owned(), Dtype::I64, vec![])]);
    add(vec![("embedding".to_owned(), Dtype::F32, vec![8192, 1024])]);
    let mut layers = 0;
    while add(layer(layers)) {
        layers += 1;
    }
    tensors.push(("rest".to_owned(), Dtype::U8, vec![left as usize]));
    tensors
}

fn layer(number: usize) -> Vec<Shape> {
    let name = |part: &str| format!("layers.{number}.{part}");
    vec![
        (name("norm"), Dtype::F32, vec![1024]),
        (name("scale"), Dtype::F32, vec![]),
        (name("query"), Dtype::BF16, vec![1024, 1024]),
        (name("key"), Dtype::BF16, vec![1024, 1024]),
        (name("value"), Dtype::BF16, vec![1024, 1024]),
        (name("out"), Dtype::BF16, vec![1024, 1024]),
        (name("up"), Dtype::BF16, vec![4096, 1024]),
        (name("down"), Dtype::F16, vec![1024, 4096]),
    ]
}

fn len(dtype: Dtype, shape: &[usize]) -> usize {
    shape.iter().product::<usize>() * dtype.bitsize() / 8
}

/// A tensor of random bits, made when it is written.
struct Random<'a> {
    dtype: Dtype,
    shape: Vec<usize>,
    index: u64,
    progress: &'a Progress,
}

impl View for Random<'_> {
    fn dtype(&self) -> Dtype {
        self.dtype
    }

    fn shape(&self) -> &[usize] {
        &self.shape
    }

    fn data(&self) -> Cow<'_, [u8]> {
        let mut state = SEED << 32 | self.index;
        let len = self.data_len();
        let words = (0..len.div_ceil(8)).flat_map(|_| split_mix(&mut state).to_le_bytes());
        let mut bytes = Vec::with_capacity(len.next_multiple_of(8));
        bytes.extend(words);
        bytes.truncate(len);
        self.progress.add(len);
        Cow::Owned(bytes)
    }

    fn data_len(&self) -> usize {
        len(self.dtype, &self.shape)
    }
}

/// SplitMix64 (Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014).
fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut word = *state;
    word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tensors_have_as_many_bytes_as_asked_for() {
        for size in [0, 1, 7, 8, 9, 1_000_000, 100_000_001, 500_000_000] {
            let tensors = layout(size);
            let sum: usize = tensors
                .iter()
                .map(|(_, dtype, shape)| len(*dtype, shape))
                .sum();
            assert_eq!(sum as u64, size);
        }
        assert!(layout(500_000_000).len() > 100);
    }

    #[test]
    fn a_whole_file_is_kept_and_another_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        std::fs::write(&path, "something else").unwrap();
        assert!(ensure(&path, 1000).unwrap());
        let made = std::fs::read(&path).unwrap();
        assert!(!ensure(&path, 1000).unwrap());
        std::fs::write(&path, &made[..made.len() - 1]).unwrap();
        assert!(ensure(&path, 1000).unwrap());
        assert_eq!(std::fs::read(&path).unwrap(), made);
        assert!(ensure(&path, 999).unwrap());
    }
}
