//! Pooled buffers (stub; being written).
#![allow(missing_docs)]
#[derive(Debug, Clone, Default)]
pub struct BufferPool {}
#[derive(Debug)]
pub struct Buf(Vec<u8>);
#[derive(Debug)]
pub struct BufUninit(#[allow(dead_code)] Vec<u8>);
impl BufferPool {
    pub fn new() -> Self { Self {} }
    pub fn get(&self, len: usize) -> Buf { Buf(vec![0; len]) }
    pub fn get_uninit(&self, len: usize) -> BufUninit { BufUninit(vec![0; len]) }
}
impl std::ops::Deref for Buf { type Target = [u8]; fn deref(&self) -> &[u8] { &self.0 } }
impl std::ops::DerefMut for Buf { fn deref_mut(&mut self) -> &mut [u8] { &mut self.0 } }
