"""What a check found, as text, JSON, HTML, SVG and Mermaid. Everything here is a function of the report alone."""
