"""Values that every room shares and that know no room: money, days, objects of Stripe's."""
