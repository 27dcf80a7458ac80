//! How generated code names the `zeropool` library.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::spanned::Spanned;

/// The path to the library's root: `::zp`, or what `crate = path` says.
pub(crate) struct CratePath(Option<syn::Path>);

impl CratePath {
    pub(crate) fn new(chosen: Option<syn::Path>) -> Self {
        Self(chosen)
    }

    /// The library itself, for the few public types that users meet in generated signatures.
    pub(crate) fn root(&self) -> TokenStream {
        match &self.0 {
            Some(path) => path.to_token_stream(),
            None => quote_spanned!(Span::mixed_site()=> ::zp),
        }
    }

    /// The hidden module: all else that generated code names.
    pub(crate) fn private(&self) -> TokenStream {
        let root = self.root();
        // Where the path was written, for a path to somewhere else.
        let span = match &self.0 {
            Some(path) => Span::mixed_site().located_at(path.span()),
            None => Span::mixed_site(),
        };
        quote_spanned!(span=> #root::__private)
    }
}
