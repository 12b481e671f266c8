"""The local page on which all of linework is under the pen, and its thin server."""
