//! How a person came to the thread.

use kenh_proto::v1::{Product, Referral};

use crate::{fields::web, wire};

/// The referral; nothing where Meta says nothing in it, as it does for people under stricter privacy laws.
pub(super) fn of(referral: wire::Referral) -> Option<Referral> {
    let shop_product = referral.product.and_then(|product| product.id.into_option());
    let ad = referral.ads_context_data.unwrap_or_default();
    let addresses = [referral.referer_uri.0, ad.photo_url.0, ad.video_url.0];
    let referral = Referral {
        source: referral.source.0,
        r#type: referral.kind.0,
        r#ref: referral.reference.0,
        ad_id: referral.ad_id.into_option(),
        product_id: ad.product_id.into_option().or(shop_product),
        title: ad.ad_title.0,
        url: addresses.into_iter().find_map(web),
        post_id: ad.post_id.into_option(),
    };
    (referral != Referral::default()).then_some(referral)
}

/// The product whose page the person wrote from.
pub(super) fn product(referral: &wire::Referral) -> Option<Product> {
    let id = referral.product.as_ref()?.id.get()?.to_owned();
    Some(Product { id: Some(id), ..Product::default() })
}
