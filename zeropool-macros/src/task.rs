//! `#[zp::task]`: the function as it is, and a struct of its parameters that is a task.

use crate::bounds;
use crate::check::is_context;
use crate::model::{Model, Supply};
use crate::run;
use crate::structure::{constants, field_values, impl_attrs, predicates};
use crate::types::strip;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::Type;
use syn::spanned::Spanned;

pub(crate) fn implementations(model: &Model) -> TokenStream {
    let this = quote_spanned!(Span::mixed_site()=> self);
    let body = run::body(model, &this, &TokenStream::new());
    let output = model.output.to_token_stream();
    let (constructors, implementation) =
        (constructors(model), implementation(model, &output, &body));
    quote!(#constructors #implementation)
}

/// A task that cannot run.
pub(crate) fn with_errors(model: &Model, output: &TokenStream) -> TokenStream {
    let body = quote_spanned!(Span::mixed_site()=> let Self { .. } = self; ::core::unreachable!());
    let (constructors, implementation) =
        (constructors(model), implementation(model, output, &body));
    quote!(#constructors #implementation)
}

fn constructors(model: &Model) -> TokenStream {
    let span = Span::mixed_site();
    let private = model.krate.private();
    let Model {
        struct_name,
        generics,
        function,
        ..
    } = model;
    let vis = &function.vis;
    let attrs = impl_attrs(model);
    let (impl_generics, arguments, clause) = generics.split_for_impl();
    let params = model.arguments().map(|(param, argument)| {
        let (cfgs, field, ty) = (&param.cfgs, &argument.field, &argument.ty);
        quote_spanned!(span=> #cfgs #field: #ty)
    });
    let all_params = model.params.iter().map(|param| {
        let cfgs = &param.cfgs;
        match &param.supply {
            Supply::Argument(argument) => {
                let (field, ty) = (&argument.field, &argument.ty);
                quote_spanned!(span=> #cfgs #field: #ty)
            }
            _ => quote_spanned!(span=> #cfgs _: #private::LentByWorker),
        }
    });
    let fields = field_values(model);
    // Reported at the parameter's type, where a bound of the implementation would be reported at the function.
    let sendable = model
        .arguments()
        .filter(|(param, argument)| !argument.generic && !is_context(&param.ty))
        .map(|(param, argument)| {
            let (cfgs, ty) = (&param.cfgs, &argument.ty);
            let at = span.located_at(ty.span());
            let call = match strip(ty) {
                Type::Reference(reference) if reference.mutability.is_none() => {
                    let ty = &reference.elem;
                    quote_spanned!(at=> #private::referent_is_sync::<#ty>())
                }
                _ => quote_spanned!(at=> #private::argument_is_send::<#ty>()),
            };
            quote_spanned!(span=> #cfgs #call;)
        });
    // The constructors stand where the function's name does: there a message about their arguments points.
    let at = span.located_at(function.ident.span());
    let (new, call) = (Ident::new("new", at), Ident::new("__call", at));
    quote_spanned! {span=>
        #attrs
        impl #impl_generics #struct_name #arguments #clause {
            /// The task of calling the function with these arguments.
            #[inline]
            #vis fn #new(#(#params),*) -> Self {
                Self { #fields }
            }

            #[doc(hidden)]
            #[inline]
            #vis fn #call(#(#all_params),*) -> #private::Call<Self> {
                #private::Call(Self { #fields })
            }

            fn __zp_check() {
                #(#sendable)*
            }
        }
    }
}

fn implementation(model: &Model, output: &TokenStream, body: &TokenStream) -> TokenStream {
    let span = Span::mixed_site();
    let private = model.krate.private();
    let (attrs, constants) = (impl_attrs(model), constants(model));
    let struct_name = &model.struct_name;
    let (impl_generics, arguments, _) = model.generics.split_for_impl();
    let (predicates, bounds) = (predicates(model), bounds::of_task(model));
    quote_spanned! {span=>
        #attrs
        impl #impl_generics #private::Task for #struct_name #arguments
        where
            #predicates
            #(#bounds,)*
        {
            type Output = #output;

            #constants

            #[inline]
            fn run(self, __zp_cx: &mut #private::Context<'_>) -> Self::Output {
                #body
            }
        }
    }
}
