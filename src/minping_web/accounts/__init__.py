"""Who enters: users and their second factors."""
