//! How generated code names the `zeropool` library.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote_spanned};

/// The path to the library's root: `::zp`, or what `crate = path` says.
pub(crate) struct CratePath(Option<syn::Path>);

impl CratePath {
    pub(crate) fn new(chosen: Option<syn::Path>) -> Self {
        Self(chosen)
    }

    /// The hidden module: the only thing that generated code names.
    pub(crate) fn private(&self) -> TokenStream {
        let span = Span::mixed_site();
        let root = match &self.0 {
            Some(path) => path.to_token_stream(),
            None => quote_spanned!(span=> ::zp),
        };
        quote_spanned!(span=> #root::__private)
    }
}
