//! The way of `#[zp::task]` and `#[zp::batch]`: parse, check, model, barrier, expand.

use crate::args::Options;
use crate::check;
use crate::errors::Errors;
use crate::fallback;
use crate::model::{Kind, Model};
use crate::signature::Function;
use crate::structure::{item_lints, struct_item, use_length_params};
use crate::{batch, task};
use proc_macro2::TokenStream;
use quote::quote;

pub(crate) fn expand(kind: Kind, args: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let options = Options::parse(args, &mut errors);
    let function: Function = match syn::parse2(item.clone()) {
        Ok(function) => function,
        Err(error) => return fallback::unread(&item, error),
    };
    check::check(kind, &function, &options, &mut errors);
    let model = Model::new(kind, function, options, &mut errors);
    if errors.any() {
        return fallback::with_errors(&model, errors);
    }
    let function = model.function.without_marks(&use_length_params(&model));
    let implementations = match kind {
        Kind::Task => task::implementations(&model),
        Kind::Batch => batch::implementations(&model),
    };
    let (lints, struct_item) = (item_lints(&model), struct_item(&model));
    // The struct comes last: an editor that finds two items under one name takes the first for the other's colour.
    quote!(#lints #function #implementations #struct_item)
}
