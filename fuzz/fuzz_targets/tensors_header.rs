//! Headers of safetensors files, arbitrary and almost right: never a panic, an error of one line, and whatever the `safetensors` crate
//! accepts as a whole file is accepted with the same tensors.
#![no_main]

#[allow(dead_code)]
#[path = "../../examples/tensors"]
mod example {
    pub(crate) mod header;
}

use example::header;

use libfuzzer_sys::fuzz_target;
use programs::input::Input;
use safetensors::SafeTensors;
use std::fmt::Write;

const TYPES: &[&str] = &["U8", "F16", "F32", "I64", "F4", "BOOL", "f32", "F\u{7}", ""];

/// What headers are made of, and what does not belong there.
const WORDS: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "\"t\":",
    "\"dtype\":",
    "\"F32\"",
    "\"shape\":",
    "[2,3]",
    "[]",
    "\"data_offsets\":",
    "[0,24]",
    "\"__metadata__\":",
    "\"generator\"",
    "{}",
    "0",
    "1",
    "-1",
    "1e3",
    "18446744073709551615",
    "null",
    "true",
    " ",
    "\n",
    "\\u0000",
    "é",
    "\u{1b}[31m",
];

fn number(input: &mut Input<'_>) -> u64 {
    match input.below(8) {
        0 => (1_u64 << input.below(64)).wrapping_sub(input.below(2) as u64),
        _ => input.below(9) as u64,
    }
}

/// Tensors one behind the other, with a few mistakes.
fn tensors(input: &mut Input<'_>) -> (String, u64) {
    let (mut text, mut end) = (String::from("{"), 0_u64);
    for index in 0..input.below(6) {
        let dtype = input.one_of(TYPES);
        let shape = Vec::from_iter((0..input.below(4)).map(|_| number(input)));
        let bits = match dtype {
            "F4" => 4,
            "F16" => 16,
            "F32" => 32,
            "I64" => 64,
            _ => 8_u64,
        };
        let count = shape
            .iter()
            .fold(bits, |bits, &count| bits.wrapping_mul(count));
        let mut to = end.wrapping_add(count / 8);
        if input.once_in(8) {
            to = to.wrapping_add(number(input));
        }
        let from = if input.once_in(8) { number(input) } else { end };
        let comma = if index == 0 { "" } else { "," };
        let name = input.one_of(&["a", "b", "c", "\\n", "__metadata__", ""]);
        write!(
            text,
            "{comma}\"{name}{index}\":{{\"dtype\":\"{dtype}\",\"shape\":{shape:?},\"data_offsets\":[{from},{to}]}}"
        )
        .expect("a string grows");
        end = to;
    }
    text.push('}');
    (text, end)
}

fn check(bytes: &[u8], file_len: u64) -> Option<header::Header> {
    match header::read(bytes, file_len) {
        Ok(header) => {
            // They fill the file, one behind the other.
            let places = header.tensors.iter().map(|tensor| &tensor.bytes);
            let mut end = None;
            for place in places {
                assert!(place.start <= place.end && end.is_none_or(|end| end == place.start));
                end = Some(place.end);
            }
            assert_eq!(end, Some(file_len));
            Some(header)
        }
        Err(error) => {
            let text = error.to_string();
            assert!(!text.is_empty());
            None
        }
    }
}

/// Whole files that the other parser accepts.
fn compare(bytes: &[u8], ours: Option<&header::Header>) {
    let Ok(theirs) = SafeTensors::deserialize(bytes) else {
        return;
    };
    if theirs.is_empty() {
        // What we refuse, as nothing could be loaded.
        return;
    }
    let ours =
        ours.unwrap_or_else(|| panic!("refused: {:?}", header::read(bytes, bytes.len() as u64)));
    assert_eq!(ours.tensors.len(), theirs.len());
    for tensor in &ours.tensors {
        let view = theirs.tensor(&tensor.name).expect("the same names");
        assert_eq!((view.dtype(), view.shape()), (tensor.dtype, &*tensor.shape));
        let place = tensor.bytes.start as usize..tensor.bytes.end as usize;
        assert_eq!(view.data().as_ptr_range(), bytes[place].as_ptr_range());
    }
}

fuzz_target!(|bytes: &[u8]| {
    let mut input = Input::new(bytes);
    let (text, data_len) = match input.below(4) {
        0 => {
            // No header of ours around it.
            check(bytes, number(&mut input));
            let ours = check(bytes, bytes.len() as u64);
            return compare(bytes, ours.as_ref());
        }
        1 => {
            let mut text = String::new();
            while !input.is_empty() && text.len() < 4000 {
                text.push_str(input.one_of(WORDS));
            }
            (text, 24)
        }
        _ => tensors(&mut input),
    };
    let header_len = match input.below(8) {
        0 => number(&mut input),
        _ => text.len() as u64,
    };
    let mut file = Vec::from(header_len.to_le_bytes());
    file.extend(text.as_bytes());
    let file_len = (file.len() as u64).saturating_add(data_len);
    // Only the header is read.
    check(&file, file_len);
    if data_len <= 1 << 16 {
        file.resize(file_len as usize, 7);
        if input.once_in(8) {
            file.truncate(input.wide() % (file.len() + 1));
        }
        let ours = check(&file, file.len() as u64);
        compare(&file, ours.as_ref());
    }
});
