//! The header of a safetensors file: its length in 8 bytes, then JSON that says what each tensor is and where.
//!
//! The `safetensors` crate could check a file as a whole, but only from memory. Here the header alone is read, and what
//! is wrong with it is said with the name of the tensor.

use safetensors::Dtype;
use safetensors::tensor::TensorInfo;
use serde_json::{Map, Value};
use std::fmt::Display;
use std::io::{self, ErrorKind, Read};
use std::ops::Range;

/// How long the length of the header is.
const PREFIX_LEN: u64 = 8;

/// The limit of the format, lest a few wrong bytes ask for all the memory there is.
const HEADER_LEN_MAX: u64 = 100_000_000;

/// The entry that is no tensor, and what we write there.
const METADATA: &str = "__metadata__";
pub(crate) const GENERATOR: &str = "generator";

/// One tensor of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tensor {
    pub(crate) name: String,
    pub(crate) dtype: Dtype,
    pub(crate) shape: Vec<usize>,
    /// Where its bytes are in the file.
    pub(crate) bytes: Range<u64>,
}

impl Tensor {
    /// Its length in bytes.
    pub(crate) fn len(&self) -> u64 {
        self.bytes.end - self.bytes.start
    }
}

/// What a header says.
#[derive(Debug)]
pub(crate) struct Header {
    /// In the order of their bytes, without gaps up to the end of the file.
    pub(crate) tensors: Vec<Tensor>,
    pub(crate) generator: Option<String>,
}

/// Reads the header of a file of `file_len` bytes, and checks that the tensors fill the rest of it.
///
/// # Errors
///
/// Those of `reader`, and `InvalidData` with the reason.
pub(crate) fn read(mut reader: impl Read, file_len: u64) -> io::Result<Header> {
    if file_len == 0 {
        return Err(invalid("the file is empty"));
    }
    if file_len < PREFIX_LEN {
        return Err(invalid(format_args!(
            "too short for a file of tensors: {file_len} of the {PREFIX_LEN} bytes that tell the length of the header"
        )));
    }
    let mut prefix = [0; PREFIX_LEN as usize];
    reader.read_exact(&mut prefix)?;
    let header_len = u64::from_le_bytes(prefix);
    let rest = file_len - PREFIX_LEN;
    if header_len > HEADER_LEN_MAX {
        return Err(invalid(format_args!(
            "not a file of tensors: a header of {header_len} bytes, where at most {HEADER_LEN_MAX} are allowed"
        )));
    }
    if header_len > rest {
        return Err(invalid(format_args!(
            "truncated: a header of {header_len} bytes, of which {rest} are there"
        )));
    }
    let mut text = vec![0; header_len as usize];
    reader.read_exact(&mut text)?;
    parse(&text, PREFIX_LEN + header_len, file_len)
}

/// `start` is where the bytes of the tensors begin.
fn parse(text: &[u8], start: u64, file_len: u64) -> io::Result<Header> {
    let mut entries: Map<String, Value> = serde_json::from_slice(text)
        .map_err(|error| invalid(format_args!("corrupt header: {error}")))?;
    let metadata = entries.remove(METADATA);
    let generator = metadata.as_ref().and_then(|value| value.get(GENERATOR));

    let tensors = entries
        .into_iter()
        .map(|(name, value)| tensor(name, value, start))
        .collect::<io::Result<Vec<_>>>()?;
    let tensors = in_order(tensors, start, file_len)?;
    Ok(Header {
        tensors,
        generator: generator.and_then(Value::as_str).map(str::to_owned),
    })
}

fn tensor(name: String, value: Value, start: u64) -> io::Result<Tensor> {
    let wrong = |why: &dyn Display| invalid(format_args!("corrupt header: tensor {name:?}: {why}"));
    let info: TensorInfo = serde_json::from_value(value).map_err(|error| wrong(&error))?;
    let (from, to) = info.data_offsets;
    let len = to
        .checked_sub(from)
        .ok_or_else(|| wrong(&format_args!("begins at byte {from} and ends at {to}")))?;
    let bits = bits_of(&info).ok_or_else(|| {
        wrong(&format_args!(
            "{} of shape {:?} is more than any file holds",
            info.dtype, info.shape
        ))
    })?;
    if len.checked_mul(8) != Some(bits) {
        return Err(wrong(&format_args!(
            "{} of shape {:?} takes {} bytes, and has {len}",
            info.dtype,
            info.shape,
            bits as f64 / 8.0
        )));
    }
    let in_file = |offset: usize| start.checked_add(offset as u64);
    let (Some(from), Some(to)) = (in_file(from), in_file(to)) else {
        return Err(wrong(&format_args!("ends at byte {to}")));
    };
    Ok(Tensor {
        name,
        dtype: info.dtype,
        shape: info.shape,
        bytes: from..to,
    })
}

/// None if they are more than can be counted. A tensor without elements has none, whatever its other dimensions are.
fn bits_of(info: &TensorInfo) -> Option<usize> {
    if info.shape.contains(&0) {
        return Some(0);
    }
    let mut counts = info.shape.iter();
    counts.try_fold(info.dtype.bitsize(), |bits, &count| bits.checked_mul(count))
}

/// Sorts the tensors by where they are, and checks that each begins where the one before it ends.
fn in_order(mut tensors: Vec<Tensor>, start: u64, file_len: u64) -> io::Result<Vec<Tensor>> {
    tensors.sort_by(|a, b| {
        let place = |tensor: &Tensor| (tensor.bytes.start, tensor.bytes.end);
        place(a).cmp(&place(b)).then_with(|| a.name.cmp(&b.name))
    });
    let mut end = start;
    let mut before: Option<&str> = None;
    for tensor in &tensors {
        let (name, begin) = (&tensor.name, tensor.bytes.start);
        match before {
            Some(before) if begin < end => {
                return Err(invalid(format_args!(
                    "corrupt header: tensors {before:?} and {name:?} overlap"
                )));
            }
            _ if begin > end => {
                let (gap, s) = count_bytes(begin - end);
                return Err(invalid(format_args!(
                    "corrupt header: before tensor {name:?}, {gap} belong{s} to none"
                )));
            }
            _ => {}
        }
        end = tensor.bytes.end;
        before = Some(name);
    }
    if before.is_none() {
        return Err(invalid("no tensors in it"));
    }
    if end > file_len {
        let (missing, s) = count_bytes(end - file_len);
        let is = if s.is_empty() { "are" } else { "is" };
        return Err(invalid(format_args!(
            "truncated: {missing} of {end} {is} missing"
        )));
    }
    if end < file_len {
        let (more, _) = count_bytes(file_len - end);
        return Err(invalid(format_args!("corrupt: {more} too many at its end")));
    }
    Ok(tensors)
}

/// The count in words, and the ending of a verb that follows it.
fn count_bytes(count: u64) -> (String, &'static str) {
    if count == 1 {
        ("1 byte".to_owned(), "s")
    } else {
        (format!("{count} bytes"), "")
    }
}

fn invalid(why: impl Display) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, why.to_string())
}

#[cfg(test)]
mod tests;
