"""What a running engine is doing, for views: pictures of it, which never keep it waiting."""
