graph [
 directed 1
 node [ id 7 parameter 1500 label "x y" ]
 node [ id 9 ]
 node [ id -3 parameter 0 ]
 edge [ source 7 target 9 parameter 0 ]
 edge [ source -3 target 7 ]
]
