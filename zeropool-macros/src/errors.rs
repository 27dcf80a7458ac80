//! Mistakes, collected so that all of them are reported in one go.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use std::fmt::Display;

/// The mistakes found so far, each at the tokens it is about.
#[derive(Default)]
pub(crate) struct Errors {
    found: Vec<syn::Error>,
    left_to_compiler: bool,
}

impl Errors {
    /// Notes a mistake at `tokens`: the smallest piece of the user's text that is wrong.
    pub(crate) fn at(&mut self, tokens: impl ToTokens, message: impl Display) {
        self.push(syn::Error::new_spanned(tokens, message));
    }

    pub(crate) fn push(&mut self, error: syn::Error) {
        self.found.push(error);
    }

    /// Notes a mistake that the compiler is sure to report in the function as written: once is enough.
    pub(crate) fn leave_to_compiler(&mut self) {
        self.left_to_compiler = true;
    }

    /// Whether the barrier between checking and expanding stays shut.
    pub(crate) fn any(&self) -> bool {
        self.left_to_compiler || !self.found.is_empty()
    }

    /// One `compile_error!` for each mistake, under the conditions `cfgs` of what is wrong.
    pub(crate) fn into_tokens(self, cfgs: &TokenStream) -> TokenStream {
        let errors = self.found.iter().map(syn::Error::to_compile_error);
        quote!(#(#cfgs #errors)*)
    }
}
