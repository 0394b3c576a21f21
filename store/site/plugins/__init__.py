"""The site's pages, a small module each. Every module has ``ROUTES``; ``store/site/app.py`` lists the modules."""
