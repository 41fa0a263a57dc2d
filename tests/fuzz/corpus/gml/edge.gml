# comment
graph [ edge [ source 1 target 5 ] node [ id 1 ] ]