//! Random numbers that are the same on every machine.

/// One output of splitmix64 for the state `x`: a bijection that scatters neighbouring states.
#[inline]
pub fn scatter(x: u64) -> u64 {
    let mut z = x.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// `len` numbers, the same ones for the same seed.
pub fn numbers(seed: u64, len: usize) -> Vec<u32> {
    (0..len as u64)
        .map(|at| (scatter(seed ^ scatter(at)) >> 32) as u32)
        .collect()
}

/// A number from -1 to 1.
pub fn unit(seed: u64) -> f32 {
    (scatter(seed) >> 40) as f32 / (1 << 23) as f32 - 1.0
}
